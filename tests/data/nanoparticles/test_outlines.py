"""Outlines: ellipses that were drawn are found again, and files that are there are read."""

import os
from pathlib import Path

import numpy as np
import pytest

from latscape.data.nanoparticles.outlines import crops, outlines, read_outlines
from latscape.errors import InputError
from latscape.studies.structure_property.pairs import FIELD, PIXELS, lone_particles


def drawn(*ellipses, shape=(200, 300)):
    """A mask of ellipses (x, y, long, wide, angle), y upwards."""
    row, column = np.mgrid[: shape[0], : shape[1]]
    mask = np.zeros(shape, dtype=int)
    for number, (x, y, a, b, angle) in enumerate(ellipses, start=1):
        dx, dy = column - x, -row - y
        along, across = dx * np.cos(angle) + dy * np.sin(angle), dy * np.cos(angle) - dx * np.sin(angle)
        mask[(along / a) ** 2 + (across / b) ** 2 <= 1] = number
    return mask


def test_ellipses_are_found_where_they_were_drawn():
    found = outlines(drawn((80, -90, 40, 20, 0.5), (200, -60, 30, 25, 2.0)))
    np.testing.assert_allclose(found.centres, [(80, -90), (200, -60)], atol=0.3)
    np.testing.assert_allclose(found.semiaxes, [(40, 20), (30, 25)], rtol=0.02)
    np.testing.assert_allclose(np.mod(found.angles, np.pi), [0.5, 2.0], atol=0.03)
    np.testing.assert_allclose(found.radii, np.sqrt([800, 750]), rtol=0.02)


def test_a_cluster_keeps_directions_and_a_gap_that_coupled_dipoles_can_do():
    found = outlines(drawn((80, -90, 40, 20, 0.5), (125, -90, 15, 14, 0.0)))  # nearly touching
    cluster = found.cluster(radius=24.0, gap=0.5)
    one, other = cluster.positions[0]
    long = cluster.semiaxes[0, :, 0]
    assert np.linalg.norm(one - other) == pytest.approx(long.sum() + 0.5 * long.max())
    assert np.median(np.sqrt(cluster.semiaxes[0, :, 0] * cluster.semiaxes[0, :, 1])) == pytest.approx(24.0)
    np.testing.assert_allclose(np.abs(cluster.axes[0, 0, 0]), (np.cos(0.5), np.sin(0.5), 0), atol=0.03)


def test_a_crop_shows_one_particle_on_the_scale_of_the_study():
    found = outlines(drawn((80, -90, 40, 20, 0.5), (125, -90, 15, 14, 0.0)))
    seen = crops(found, radius=24.0, pixels=PIXELS, field=FIELD)
    scale = 24.0 / np.median(found.radii)
    area = np.pi * scale**2 * found.semiaxes.prod(axis=1)
    np.testing.assert_allclose(seen.sum(axis=(1, 2)) * (FIELD / PIXELS) ** 2, area, rtol=0.05)


def test_generated_ellipses_cover_what_they_should_and_turn_with_their_angle():
    known, clusters = lone_particles(20, seed=1)
    area = np.pi * (clusters.semiaxes[:, 0, 0] * clusters.semiaxes[:, 0, 1])
    np.testing.assert_allclose(known.x.sum(axis=(1, 2)) * (FIELD / PIXELS) ** 2, area, rtol=0.02)


@pytest.mark.parametrize("wrong", [np.zeros((5, 5)), np.zeros((5, 5), int), np.zeros(5, int)])
def test_a_mask_without_particles_is_refused(wrong):
    with pytest.raises(InputError):
        outlines(wrong)


FOLDER = Path(os.environ.get("LATSCAPE_DATA", "nowhere")) / "nanoparticles" / "emps"


@pytest.mark.skipif(not FOLDER.exists(), reason="the segmented micrographs are not below $LATSCAPE_DATA")
def test_real_outlines_become_clusters():
    found = read_outlines(FOLDER)
    assert sum(map(len, found.values())) >= 40
    for one in found.values():
        assert len(crops(one, pixels=16)) == len(one) == one.cluster().counts[0]

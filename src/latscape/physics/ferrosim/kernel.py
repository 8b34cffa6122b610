"""The time loop of a history, fused: force, step and mean polarization in one pass over a lattice that stays in cache.

A component of the polarization is one flat array of rows of `columns + 2` numbers, with a row above and one below: a
frame (halo) of one site. The four neighbours of site k then lie at k - 1, k + 1, k - stride, k + stride, so that the
whole lattice is one loop over contiguous memory, which vectorizes; the two frame columns are computed with it and set
to zero by a mask. What the frame holds says how the edges behave (`latscape.physics.ferrosim.hamiltonian.Halo`).
"""

import numpy as np
from numpy.typing import NDArray

from latscape.compilation import REORDER, compiled_loop
from latscape.physics.ferrosim.hamiltonian import Lattice

ZERO, MIRROR, WRAP = 0, 1, 2
HALOS = {"zero": ZERO, "mirror": MIRROR, "wrap": WRAP}
_FRAME = ((0, 0), (0, 0), (1, 1), (1, 1))


def framed(states: NDArray[np.floating]) -> NDArray[np.floating]:
    """States (batch, 2, rows, columns) flat with a frame of zeros: (batch, 2, (rows + 2) * (columns + 2))."""
    wide = np.pad(states, _FRAME)
    return wide.reshape(*wide.shape[:2], -1)


def framed_bonds(lattice: Lattice) -> NDArray[np.floating]:
    """Factors flat with a frame: entry k is of the bond to k + 1, or to the next row; those beyond open edges are 1."""
    assert lattice.bonds is not None
    if lattice.halo == "wrap":
        wide = np.pad(lattice.bonds, _FRAME, mode="wrap")
    else:
        own = lattice.bonds.copy()
        own[:, 0, :, -1], own[:, 1, -1, :] = 1.0, 1.0
        wide = np.pad(own, _FRAME, constant_values=1.0)
    return wide.reshape(*wide.shape[:2], -1)


@compiled_loop(REORDER)
def fill_frame(p, rows, columns, halo):
    """Set the frame around both components p (2, sites with frame) to what lies beyond the edges."""
    if halo == ZERO:
        return
    s = columns + 2
    left, right, top, bottom = (1, columns, 1, rows) if halo == MIRROR else (columns, 1, rows, 1)
    for c in range(2):
        for i in range(1, rows + 1):
            p[c, i * s] = p[c, i * s + left]
            p[c, i * s + columns + 1] = p[c, i * s + right]
        for j in range(1, columns + 1):
            p[c, j] = p[c, top * s + j]
            p[c, (rows + 1) * s + j] = p[c, bottom * s + j]


@compiled_loop(REORDER)
def step(p, base, out, field, bonds, mask, fx, fy, hx, hy, alpha, bond, s):
    """out = base + h * force(p) on all sites; returns the sums of both components of out.

    p, base, out and bonds are (2, sites with frame), field and mask lack the rows above and below; (fx, fy) is the
    uniform field, (hx, hy) the time step of each component, alpha holds 2 alpha1, 4 alpha2, 2 alpha3.
    """
    n = mask.shape[0]
    linear, cubic, cross = alpha[0], alpha[1], alpha[2]
    x, xl, xr, xu, xd = p[0, s : s + n], p[0, s - 1 :], p[0, s + 1 :], p[0, :n], p[0, 2 * s :]
    y, yl, yr, yu, yd = p[1, s : s + n], p[1, s - 1 :], p[1, s + 1 :], p[1, :n], p[1, 2 * s :]
    bx, by, ox, oy = base[0, s : s + n], base[1, s : s + n], out[0, s : s + n], out[1, s : s + n]
    ex, ey = field[0], field[1]
    sx = hx - hx
    sy = sx
    if bonds is None:
        four = bond + bond + bond + bond
        for k in range(n):
            a, b = x[k], y[k]
            gx = a * (linear + four + cubic * a * a + cross * b * b) - bond * (xl[k] + xr[k] + xu[k] + xd[k])
            gy = b * (linear + four + cubic * b * b + cross * a * a) - bond * (yl[k] + yr[k] + yu[k] + yd[k])
            nx = mask[k] * (bx[k] + hx * (fx + ex[k] - gx))
            ny = mask[k] * (by[k] + hy * (fy + ey[k] - gy))
            ox[k], oy[k] = nx, ny
            sx += nx
            sy += ny
    else:
        wl, wr, wu, wd = bonds[0, s - 1 :], bonds[0, s : s + n], bonds[1, :n], bonds[1, s : s + n]
        for k in range(n):
            a, b = x[k], y[k]
            all_four = wl[k] + wr[k] + wu[k] + wd[k]
            pull_x = wl[k] * xl[k] + wr[k] * xr[k] + wu[k] * xu[k] + wd[k] * xd[k] - all_four * a
            pull_y = wl[k] * yl[k] + wr[k] * yr[k] + wu[k] * yu[k] + wd[k] * yd[k] - all_four * b
            gx = a * (linear + cubic * a * a + cross * b * b) - bond * pull_x
            gy = b * (linear + cubic * b * b + cross * a * a) - bond * pull_y
            nx = mask[k] * (bx[k] + hx * (fx + ex[k] - gx))
            ny = mask[k] * (by[k] + hy * (fy + ey[k] - gy))
            ox[k], oy[k] = nx, ny
            sx += nx
            sy += ny
    return sx, sy


@compiled_loop(REORDER)
def evolve(
    E, start, field, bonds, mask, alpha, bond, dep, active, h, halo, substeps, rk4, kept, frames, mean, diverged,
    first, last, rows, columns,
):  # fmt: skip
    """Fill `frames`, `mean` and `diverged` for the histories first to last.

    Parameters
    ----------
    E : (batch, steps, 2)
        Applied field. Euler's step t uses E[t]; a Runge-Kutta step the line from E[t - 1] to E[t].
    start, field, bonds
        (1 or batch, 2, sites with frame), `field` without the rows above and below; `bonds` may be None.
    alpha, bond, dep
        (batch, 3), (batch,), (batch,); alpha holds 2 alpha1, 4 alpha2, 2 alpha3.
    active, h
        (2,), and the length of a substep times the mobility.
    kept : int64, (frames,)
        Steps of which the state is kept, rising.
    frames : (batch, frames, 2, sites with frame)
    mean : (batch, steps, 2)
    diverged : int64, (batch,)
        The step at which the mean was no longer finite, or -1.
    """
    s, steps = columns + 2, E.shape[1]
    size = (rows + 2) * s
    p, out = np.zeros((2, size), E.dtype), np.zeros((2, size), E.dtype)
    y1, y2 = np.zeros((2, size), E.dtype), np.zeros((2, size), E.dtype)
    one = h / h
    share, hx, hy = one / E.dtype.type(rows * columns), h * active[0], h * active[1]
    half, third, count = one / E.dtype.type(2), one / E.dtype.type(3), E.dtype.type(substeps)
    for b in range(first, last):
        w = None if bonds is None else bonds[b if bonds.shape[0] > 1 else 0]
        e, a, c, d = field[b if field.shape[0] > 1 else 0], alpha[b], bond[b], dep[b]
        p[:] = start[b if start.shape[0] > 1 else 0]
        mx, my = share * p[0].sum(), share * p[1].sum()
        mean[b, 0, 0], mean[b, 0, 1] = mx, my
        shot = 0
        if kept.shape[0] and kept[0] == 0:
            frames[b, 0] = p
            shot = 1
        diverged[b] = -1
        for t in range(1, steps):
            ux, uy = E[b, t, 0], E[b, t, 1]
            for k in range(substeps):
                fill_frame(p, rows, columns, halo)
                if rk4:
                    vx, vy = ux - E[b, t - 1, 0], uy - E[b, t - 1, 1]
                    r0, r1 = E.dtype.type(k) / count, E.dtype.type(k + 1) / count
                    ax, ay = ux - (one - r0) * vx, uy - (one - r0) * vy
                    zx, zy = ux - (one - r1) * vx, uy - (one - r1) * vy
                    cx, cy = half * (ax + zx), half * (ay + zy)
                    qx, qy = half * hx, half * hy
                    # y1 = p + h k1 / 2, y2 = p + h k2 / 2, out = p + h k3,
                    # p' = (y1 + 2 y2 + out - p) / 3 + h k4 / 6
                    nx, ny = step(p, p, y1, e, w, mask, ax - d * mx, ay - d * my, qx, qy, a, c, s)
                    fill_frame(y1, rows, columns, halo)
                    nx, ny = step(y1, p, y2, e, w, mask, cx - d * share * nx, cy - d * share * ny, qx, qy, a, c, s)
                    fill_frame(y2, rows, columns, halo)
                    nx, ny = step(y2, p, out, e, w, mask, cx - d * share * nx, cy - d * share * ny, hx, hy, a, c, s)
                    fill_frame(out, rows, columns, halo)
                    for m in range(size):
                        y1[0, m] = third * (y1[0, m] + y2[0, m] + y2[0, m] + out[0, m] - p[0, m])
                        y1[1, m] = third * (y1[1, m] + y2[1, m] + y2[1, m] + out[1, m] - p[1, m])
                    qx, qy = half * third * hx, half * third * hy
                    nx, ny = step(out, y1, p, e, w, mask, zx - d * share * nx, zy - d * share * ny, qx, qy, a, c, s)
                else:
                    nx, ny = step(p, p, out, e, w, mask, ux - d * mx, uy - d * my, hx, hy, a, c, s)
                    p, out = out, p
                mx, my = share * nx, share * ny
            mean[b, t, 0], mean[b, t, 1] = mx, my
            if not (np.isfinite(mx) and np.isfinite(my)):
                diverged[b] = t
                mean[b, t:] = np.nan
                frames[b, shot:] = np.nan
                break
            if shot < kept.shape[0] and kept[shot] == t:
                frames[b, shot] = p
                shot += 1

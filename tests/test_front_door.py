"""`import latscape` is light, and every name it offers exists."""

import inspect
import json
import subprocess
import sys

import pytest

import latscape
from latscape.autoencoders import presets


def test_importing_the_package_does_not_import_the_heavy_libraries():
    code = "import sys, json, latscape; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"torch", "sklearn", "gpytorch", "matplotlib"} & set(json.loads(done.stdout))


@pytest.mark.parametrize("name", dir(latscape))
def test_every_name_of_the_front_door_resolves(name):
    assert getattr(latscape, name) is not None


def test_an_unknown_name_is_an_attribute_error_that_names_it():
    with pytest.raises(AttributeError, match="rvea"):
        _ = latscape.rvea


def test_no_preset_bears_the_name_of_a_subpackage():
    assert not [name for name in dir(presets) if inspect.ismodule(getattr(latscape, name, None))]


def test_every_family_and_curve_is_at_the_front_door():
    from latscape import curves
    from latscape.trajectories import families

    made = {
        name
        for name, value in vars(curves).items()
        if inspect.isfunction(value) and value.__module__ == curves.__name__ and not name.startswith("_")
    }
    drawn = {name for name in vars(families) if name.endswith("_family")}
    assert (made - {"as_array"}) | drawn <= set(latscape.__all__)

"""What may be chosen of an experiment."""

from collections.abc import Mapping
from functools import partial
from typing import ClassVar, Self

from pydantic import field_validator, model_validator

from latscape.errors import InputError
from latscape.options import Listing, option
from latscape.studies.shared.options import SearchOptions, Seeded, absolute_path, search_option

scan_option, instrument_option = partial(option, group="Sample"), partial(option, group="Instrument")
REPLAY = "replay"


class ExploreSpec(Seeded, SearchOptions):
    """A sample, how it is searched, and who measures."""

    scene: str | None = option(
        None,
        "Scene, of those that come with the package or the data; without one, and without --image, they are listed.",
        argument="SCENE",
    )
    image: str | None = scan_option(None, "File of the image of a sample, in place of SCENE.", unset="that of SCENE")
    spectra: str | None = scan_option(
        None, "File of the measurements over the image, which are replayed.", unset="those of SCENE"
    )
    coordinates: str | None = scan_option(
        None, "File of the rows and columns of the measurements in the image.", unset="a grid over the image"
    )
    axis: str | None = scan_option(
        None, "File of the values along the first axis of the measurements.", unset="as the file says"
    )
    axis_label: str = scan_option("channel", "Name and unit of the first axis of the measurements, such as 'bias [V]'.")
    step: int = scan_option(
        1, "Distance of neighbouring places, where no spectra say which places there are.", unit="pixel", ge=1
    )
    window: int | None = scan_option(
        None,
        "Side length of the window that models see, a patch.",
        unset="that of the scene, or 8, twice that for invariants",
        unit="pixel",
        ge=1,
    )

    scalarizer: str | None = search_option(
        None,
        "Scalarizer, which computes from a measurement the number to maximize, such as integral:1.6,1.9.",
        unset="what is usual for the scene",
        part="scalarizer",
    )
    budget: str = search_option(  # pyright: ignore[reportIncompatibleVariableOverride]
        "150", "Number of evaluations in all, initial points included; or a share of the places such as 5%."
    )
    n_initial: int | None = search_option(
        None,
        "Number of initial points, evaluated before the acquisition chooses any.",
        unset="20, or a third of the budget if that is less",
        ge=1,
    )
    policy: str = search_option("inverse", "Policy that chooses the initial places.", part="policy")
    descriptor: str = search_option("invariants", "Descriptor of a patch, which the surrogate sees.", part="descriptor")
    position: bool = search_option(True, "Let the surrogate see where a patch is.")
    travel_cost: float = search_option(
        0.0, "Cost of crossing the whole field of view, in the unit of the acquisition.", ge=0
    )
    converged: float | None = search_option(
        None,
        "End when the prediction changes by less than this in each of 5 steps.",
        unset="the whole budget is used",
        unit="standard deviations",
        gt=0,
    )

    instrument: str = instrument_option(REPLAY, "Instrument that measures.", part="instrument")
    serve: int | None = instrument_option(
        None,
        "Port on which others may measure, over HTTP; 0 takes a free one.",
        unset="nothing is served",
        ge=0,
        le=65535,
    )
    host: str = instrument_option("127.0.0.1", "Address to serve on; the default is this machine alone.")
    noise: float = instrument_option(
        0.0, "Standard deviation of the noise that is added, to replayed measurements in their unit.", ge=0
    )
    delay: float = instrument_option(0.0, "Duration of a replayed measurement.", unit="s", ge=0)
    timeout: float | None = instrument_option(
        None, "Time after which a measurement has failed.", unset="never", unit="s", gt=0
    )

    renamed: ClassVar[Mapping[str, str]] = {"describe": "--descriptor", "travel": "--travel-cost"}

    @field_validator("image", "spectra", "coordinates", "axis")
    @classmethod
    def _absolute(cls, value: str | None) -> str | None:
        """A run is resumed from anywhere."""
        return value if value is None else absolute_path(value)

    @field_validator("budget", mode="before")
    @classmethod
    def _measurements(cls, value: object) -> str:
        text = str(value).strip()
        share = text.endswith("%")
        try:
            number = float(text[:-1]) if share else int(text)
        except ValueError:
            number = 0
        if not 0 < number <= (100 if share else number):  # nan is not above 0
            expected = "--budget of at least 1 measurement, or a share of the places above 0% and at most 100%"
            raise InputError(expected, repr(text), "--budget 5%")
        return text

    @model_validator(mode="after")
    def _fitting(self) -> Self:
        own = self.instrument.partition(":")[0] != REPLAY
        if self.scene is not None and self.image is not None:
            raise InputError("a scene, or --image FILE", "both", "latscape explore switching")
        if self.image is not None and self.spectra is None and self.serve is None and not own:
            expected = "--spectra FILE that is replayed, --instrument NAME or --serve PORT"
            raise InputError(expected, "none of them", "--serve 8765")
        if own and (self.noise or self.delay or self.serve is not None):
            expected = "an --instrument of its own noise and delay, or --serve"
            raise InputError(expected, f"--instrument {self.instrument} with --noise, --delay or --serve", "it alone")
        word = self.surrogate.partition(":")[0]
        if self.acquire.partition(":")[0] == "thompson" and word in NETWORKS:
            got = f"--surrogate {self.surrogate}"
            raise InputError("a surrogate to draw functions from", got, "--surrogate exact, or another --acquire")
        return self

    def measurements(self, places: int) -> int:
        """How many places are measured in all, of so many.

        Examples
        --------
        >>> ExploreSpec(budget="5%").measurements(200), ExploreSpec(budget=30).measurements(200)
        (10, 30)
        """
        share = self.budget.endswith("%")
        return max(round(float(self.budget[:-1]) / 100 * places), 1) if share else int(self.budget)

    @property
    def subject(self) -> str | None:
        """The scene, or the file of the image."""
        return self.scene or self.image

    def listing(self) -> Listing | None:
        """The scenes, where neither one of them nor an image is given."""
        if self.subject is not None:
            return None
        from latscape.data.catalogue import scenes_of_kind
        from latscape.data.registry import data_folder

        rows = [[name, one.about, "  ".join(one.scalarizers)] for name, one in scenes_of_kind("explore").items()]
        found = {
            name: {"about": one.about, "scalarizers": one.scalarizers}
            for name, one in scenes_of_kind("explore").items()
        }
        missing = "Scenes of real data need LATSCAPE_DATA=<their folder>; switching and charged are calculated."
        note = missing if data_folder() is None else ""
        return Listing(("scene", "what it is", "scalarizers"), rows, {"scenes": found}, note)


#: Surrogates whose embedding is that of a network.
NETWORKS = ("deep", "stacked")
SPEC = ExploreSpec

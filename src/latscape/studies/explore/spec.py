"""What may be chosen of an experiment."""

from collections.abc import Mapping
from typing import ClassVar, Self

from pydantic import field_validator, model_validator

from latscape.errors import InputError
from latscape.options import Listing, option
from latscape.studies.shared.options import SEARCH, SearchOptions, Seeded, absolute_path

SAMPLE, INSTRUMENT = "Sample", "Instrument"
REPLAY = "replay"


class ExploreSpec(Seeded, SearchOptions):
    """A sample, how it is searched, and who measures."""

    scene: str | None = option(
        None,
        "Scene, of those that come with the package or the data; without one, and without --image, they are listed.",
        argument="SCENE",
    )
    image: str | None = option(None, "File of an image, in place of SCENE.", group=SAMPLE)
    spectra: str | None = option(None, "File of measurements over the image, which are replayed.", group=SAMPLE)
    coordinates: str | None = option(None, "File of their rows and columns in the image.", group=SAMPLE)
    axis: str | None = option(None, "File of their values along the first axis.", group=SAMPLE)
    axis_label: str = option("channel", "Name and unit of that axis, such as 'bias [V]'.", group=SAMPLE)
    step: int = option(
        1, "Distance of the places, where no spectra say which there are.", unit="pixel", group=SAMPLE, ge=1
    )
    window: int | None = option(
        None,
        "Side of the window that models see, a patch; by default the scene's or 8, twice that for invariants.",
        unit="pixel",
        group=SAMPLE,
        ge=1,
    )

    scalarizer: str | None = option(
        None,
        "What is interesting in a measurement, such as integral:1.6,1.9; by default what is usual for the scene.",
        group=SEARCH,
        part="scalarizer",
    )
    budget: str = option(  # pyright: ignore[reportIncompatibleVariableOverride]
        "150", "Evaluations in all, initial points included; or a share of the places such as 5%.", group=SEARCH
    )
    n_initial: int | None = option(
        None,
        "Initial points, before any is chosen by the acquisition; by default 20, at most a third.",
        group=SEARCH,
        ge=1,
    )
    policy: str = option("inverse", "Where it begins.", group=SEARCH, part="policy")
    descriptor: str = option("invariants", "What the surrogate sees of a patch.", group=SEARCH, part="descriptor")
    position: bool = option(True, "Let the surrogate see where a patch is.", group=SEARCH)
    travel_cost: float = option(0.0, "Cost of crossing the field, in the unit of the acquisition.", group=SEARCH, ge=0)
    converged: float | None = option(
        None,
        "End when the prediction changes by less in each of 5 steps.",
        unit="standard deviations",
        group=SEARCH,
        gt=0,
    )

    instrument: str = option(REPLAY, "What measures.", group=INSTRUMENT, part="instrument")
    serve: int | None = option(
        None, "Let others measure, over HTTP on this port; 0 takes a free one.", group=INSTRUMENT, ge=0, le=65535
    )
    host: str = option("127.0.0.1", "Address to serve on; by default for this machine alone.", group=INSTRUMENT)
    noise: float = option(
        0.0, "Deviation of the noise that is added, to replayed measurements in their unit.", group=INSTRUMENT, ge=0
    )
    delay: float = option(0.0, "Time a replayed measurement takes.", unit="s", group=INSTRUMENT, ge=0)
    timeout: float | None = option(
        None, "Time after which a measurement has failed; by default never.", unit="s", group=INSTRUMENT, gt=0
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
        from latscape.data.catalogue import scenes
        from latscape.data.registry import data_folder

        rows = [[name, one.about, "  ".join(one.scalarizers)] for name, one in scenes("explore").items()]
        found = {name: {"about": one.about, "scalarizers": one.scalarizers} for name, one in scenes("explore").items()}
        missing = "Scenes of real data need LATSCAPE_DATA=<their folder>; switching and charged are calculated."
        note = missing if data_folder() is None else ""
        return Listing(("scene", "what it is", "scalarizers"), rows, {"scenes": found}, note)


#: Surrogates whose embedding is that of a network.
NETWORKS = ("deep", "stacked")
SPEC = ExploreSpec

"""Cleans the report of a study, by what the headers of the patient's images and the row of the report say."""

from collections.abc import Iterable

from adapters.deidentify.engines import crosswalk_of, domains_of, key_of, pseudonyms_of
from adapters.deidentify.errors import HeldBackError
from adapters.pipeline.contract import Row
from adapters.pipeline.linking import StudyKey
from adapters.pipeline.reports.cleaning import clean_date, clean_text, days_of, policy_of
from adapters.pipeline.reports.patients import Patients
from adapters.pipeline.stages.final import Cleaned
from adapters.pipeline.work import Work
from gateway.contract.errors import ConfigError, GatewayError

NOTHING_LEFT = "nothing of its text is left, or what names its patient could not be removed"
INTERNAL_ERROR = "an internal error"


class Cleaner:
    """Cleans reports with the pseudonyms of the step. Close it."""

    def __init__(self, work: Work) -> None:
        try:
            key = key_of(work.step)
            self._crosswalk = crosswalk_of(work.step, key)
            self._domains = domains_of(work.domains, work.step.default_domain)
        except ValueError as error:
            raise ConfigError(f"steps.{work.settings.via}.{error}") from None
        self._pseudonyms = pseudonyms_of(work.step, key, self._crosswalk)
        self._policy = policy_of(work.step)
        self._orders = {name: each.dates for name, each in work.settings.hospitals.items()}
        self._patients = Patients()

    def learn(self, images: Iterable[Row]) -> None:
        """Take the rows of ``dicom_metadata`` by which patients are known."""
        for row in images:
            self._patients.add(row["Hospital"], row)

    def __call__(self, report: Row, study: StudyKey) -> Cleaned:
        """Return the report as it may become public, or why it may not."""
        identity = self._patients.identity(study)
        if identity is None:
            return Cleaned(reason="nothing is known of its patient")
        try:
            days = days_of(identity, self._pseudonyms, self._domains)
            known = self._patients.known(study, report)
            text = clean_text(report["text"], known, self._policy, days, self._orders[study[0]])
            day = clean_date(report["report_date"], self._policy, days)
        except HeldBackError as error:
            return Cleaned(reason=str(error))
        except GatewayError:
            raise
        except Exception:  # noqa: BLE001  its text may quote the report; whatever it is, the original must not go on
            return Cleaned(reason=INTERNAL_ERROR)
        return Cleaned(text, day) if text else Cleaned(reason=NOTHING_LEFT)

    def close(self) -> None:
        """Make the pseudonyms that were given outlast the process."""
        if self._crosswalk is not None:
            self._crosswalk.settle()
            self._crosswalk.close()

"""What the parts of the pipeline agree on."""

import pickle

from adapters.pipeline.contract import Dead, Made, Reference


def test_what_a_stage_makes_can_go_to_another_process() -> None:
    """Both drivers send references and results between processes, so they survive pickling unchanged."""
    reference = Reference("north", "dicom/1.dcm", "v1", 17)
    made = Made(
        {"dicom_metadata": [{"Modality": "CT"}]}, {}, {"ab/cd.webp": b"RIFF"}, [Dead(reference, "headers", "why")]
    )
    assert pickle.loads(pickle.dumps(made)) == made


def test_a_stage_may_make_nothing() -> None:
    """A stage that finds nothing says so with an empty result, which shares no state with another one."""
    assert Made() == Made({}, {}, {}, ())
    assert Made().rows is not Made().rows

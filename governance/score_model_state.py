"""Where a trained scorecard stands, and what can be done to it: data, whose completeness is tested."""

from enum import StrEnum


class ModelState(StrEnum):
    """Where a scorecard stands."""

    TRAINED = "trained"  # may be looked at and compared; no list is made by it
    PROPOSED = "proposed"  # one person asked for its use under an approval, waiting for a second
    ADOPTED = "adopted"  # lists are made by it as long as its approval is in force
    RETIRED = "retired"  # for good


class ModelStep(StrEnum):
    """What can be done to a scorecard."""

    PROPOSE = "propose"
    ADOPT = "adopt"
    RETIRE = "retire"


TRANSITIONS: dict[tuple[ModelState, ModelStep], ModelState | None] = {
    (ModelState.TRAINED, ModelStep.PROPOSE): ModelState.PROPOSED,
    (ModelState.TRAINED, ModelStep.ADOPT): ModelState.ADOPTED,
    (ModelState.TRAINED, ModelStep.RETIRE): ModelState.RETIRED,
    (ModelState.PROPOSED, ModelStep.PROPOSE): None,
    (ModelState.PROPOSED, ModelStep.ADOPT): ModelState.ADOPTED,
    (ModelState.PROPOSED, ModelStep.RETIRE): ModelState.RETIRED,
    (ModelState.ADOPTED, ModelStep.PROPOSE): None,
    (ModelState.ADOPTED, ModelStep.ADOPT): None,
    (ModelState.ADOPTED, ModelStep.RETIRE): ModelState.RETIRED,
    (ModelState.RETIRED, ModelStep.PROPOSE): None,
    (ModelState.RETIRED, ModelStep.ADOPT): None,
    (ModelState.RETIRED, ModelStep.RETIRE): None,
}
"""State after each step in each state; None where the step is not allowed."""

"""All sections of params.yaml as one model, and what must hold between them.

Run as a program it writes the model's JSON Schema, by which editors check and explain the file.
"""

from pathlib import Path
from typing import Annotated, Any, Self, cast

from pydantic import (
    Field,
    ModelWrapValidatorHandler,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import InitErrorDetails

from resnet_depth.base import cli
from resnet_depth.base.errors import UserError
from resnet_depth.base.files import write_json
from resnet_depth.base.messages import quoted, told
from resnet_depth.base.sections import Section, load_section
from resnet_depth.data.download.settings import DatasetSettings
from resnet_depth.data.fetching.settings import DownloadSettings
from resnet_depth.data.preparation.settings import PrepareSettings
from resnet_depth.evaluation.settings import EvaluateSettings
from resnet_depth.evidence.settings import StudySettings, SummarizeSettings
from resnet_depth.export.settings import ExportSettings
from resnet_depth.latency.settings import LatencySettings
from resnet_depth.pruning.settings import PruneSettings
from resnet_depth.report.settings import ReportSettings
from resnet_depth.runs.names import network_name
from resnet_depth.start.settings import BUILTIN, WeightsSettings
from resnet_depth.training.settings import REFERENCE, RecipeSettings, TrainSettings, whole_recipe

DatasetName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
WeightsName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
RecipeName = Annotated[str, Field(pattern=r"^[a-z0-9_]{1,64}$")]


class Params(Section):
    """Every choice of the study, each with its unit and reason."""

    study: StudySettings
    datasets: dict[DatasetName, DatasetSettings] = Field(
        min_length=1,
        description="a mapping of datasets, each named by a-z, 0-9 and _, a letter first",
        json_schema_extra={"additionalProperties": False},
    )
    download: DownloadSettings = DownloadSettings()
    prepare: PrepareSettings
    recipes: dict[RecipeName, RecipeSettings] = Field(
        min_length=1,
        description=f"a mapping of recipes, each named by a-z, 0-9 and _, {REFERENCE} among them",
        json_schema_extra={"additionalProperties": False},
    )
    weights: dict[WeightsName, WeightsSettings] = Field(
        description="a mapping of files of weights, each named by a-z, 0-9 and _, a letter first",
        json_schema_extra={"additionalProperties": False},
    )
    train: TrainSettings
    evaluate: EvaluateSettings
    export: ExportSettings
    latency: LatencySettings
    prune: PruneSettings
    summarize: SummarizeSettings
    report: ReportSettings

    @field_validator("recipes", mode="before")
    @classmethod
    def _whole(cls, recipes: Any) -> Any:
        """Complete each recipe by `reference`, which alone is checked while it is wrong itself."""
        if not isinstance(recipes, dict):
            return recipes
        if REFERENCE not in recipes:
            raise ValueError(f"{REFERENCE} is missing, whose keys the others may leave out; add it")
        try:
            RecipeSettings.model_validate(recipes[REFERENCE])
        except ValidationError:
            return {REFERENCE: recipes[REFERENCE]}
        return {name: whole_recipe(recipes, name) for name in recipes}

    @model_validator(mode="wrap")
    @classmethod
    def _described(cls, content: Any, validate: ModelWrapValidatorHandler[Self]) -> Self:
        """Refuse what the study names and no section describes, and all else that is wrong."""
        mistakes = _lacking(content)
        try:
            params = validate(content)
        except ValidationError as error:
            # What pydantic tells of a mistake includes what it needs to be told of one.
            mistakes = [*cast(list[InitErrorDetails], error.errors()), *mistakes]
        else:
            mistakes = [*mistakes, *_weightless(params), *_unstudied(params)]
        if mistakes:
            raise ValidationError.from_exception_data(cls.__name__, mistakes)
        return params


def load_params(path: Path) -> Params:
    """Return the whole settings file, such as params.yaml, checked.

    Raises:
        UserError: One line for each mistake, naming file, key, value and what is allowed.
    """
    return load_section(path, "", Params)


def require_studied(path: Path, **members: str | int | None) -> None:
    """Check that the study has what is asked for, so that DVC has stages for it.

    Asked for is a member of a list in section `study`, such as `datasets="digits"`, or None.

    Raises:
        UserError: If one isn't there, or as `load_params` does.
    """
    params = load_params(path)
    for key, member in members.items():
        studied = getattr(params.study, key)
        if member is None or member in studied:
            continue
        known, hint = getattr(params, key, None), ""
        if known:
            hint = f" (add '- {member}' there)" if member in known else f" (no such key in {key})"
        there = ", ".join(map(str, studied))
        raise UserError(f"{path}: study.{key} lacks {told(str(member))}{hint}; it has {there}")


def schema() -> dict[str, Any]:
    """Return the JSON Schema of params.yaml."""
    made = Params.model_json_schema()
    recipes, recipe = made["properties"]["recipes"], made["$defs"]["RecipeSettings"]
    # What the others leave out, `reference` has.
    made["$defs"]["FurtherRecipe"] = {key: recipe[key] for key in recipe if key != "required"}
    recipes["properties"] = {REFERENCE: {"$ref": "#/$defs/RecipeSettings"}}
    (pattern,) = recipes["patternProperties"]
    recipes["patternProperties"][pattern] = {"$ref": "#/$defs/FurtherRecipe"}
    recipes["required"] = [REFERENCE]
    return {"$schema": GenerateJsonSchema.schema_dialect, **made}


def write_schema(out: cli.OutFile) -> None:
    """Write the JSON Schema of params.yaml."""
    write_json(out, schema())


def _lacking(content: Any) -> list[InitErrorDetails]:
    """Return what section `study`, where it is valid, names and other sections lack."""
    sections = content if isinstance(content, dict) else {}
    try:
        study = StudySettings.model_validate(sections.get("study"))
    except ValidationError:
        return []
    texts = []
    for key in ("datasets", "recipes"):
        described = sections.get(key)
        if isinstance(described, dict):
            allowed = told(", ".join(name if isinstance(name, str) else "?" for name in described))
            unknown = [name for name in getattr(study, key) if name not in described]
            texts += [f"{key} has {quoted(name)}; allowed: {allowed}" for name in unknown]
    return [_mistake(("study",), sections["study"], text) for text in texts]


def _weightless(params: Params) -> list[InitErrorDetails]:
    """Return where a recipe starts from weights that no section describes."""
    mistakes = []
    for name in params.weights.keys() & BUILTIN:
        mistakes.append(_mistake(("weights",), {}, f"{name} has a meaning of its own; rename it"))
    for name, recipe in params.recipes.items():
        if recipe.weights in BUILTIN:
            continue
        text = None
        if recipe.weights not in params.weights:
            allowed = told(", ".join([*BUILTIN, *params.weights]))
            text = f"weights is {quoted(recipe.weights)}; allowed: {allowed}"
        elif name in params.study.recipes:
            there = params.weights[recipe.weights].digests
            lacking = [d for d in params.study.depths if network_name(d) not in there]
            if lacking:
                text = (
                    f"weights is {recipe.weights}, which has no {network_name(lacking[0])}; add it "
                    f"to weights.{recipe.weights}.digests, or take {lacking[0]} out of study.depths"
                )
        if text:
            mistakes.append(_mistake(("recipes", name), {}, text))
    return mistakes


def _unstudied(params: Params) -> list[InitErrorDetails]:
    """Return what is to be pruned and isn't trained, or couldn't be measured."""
    prune, texts = params.prune, []
    if not prune.depths:
        return []
    if prune.recipe not in params.study.recipes:
        allowed = told(", ".join(params.study.recipes))
        texts.append(f"recipe is {quoted(prune.recipe)}; allowed, from study.recipes: {allowed}")
    if unknown := [depth for depth in prune.depths if depth not in params.study.depths]:
        allowed = ", ".join(map(str, params.study.depths))
        texts.append(f"depths has {quoted(unknown[0])}; allowed, from study.depths: {allowed}")
    if not params.prepare.validation_fraction:
        texts.append(
            "depths isn't empty, but prepare.validation_fraction is 0, which leaves no images to "
            "measure by; set depths to [], or a larger fraction"
        )
    return [_mistake(("prune",), {}, text) for text in texts]


def _mistake(place: tuple[str, ...], found: Any, text: str) -> InitErrorDetails:
    """Return a mistake as pydantic tells it: about the keys of a mapping, `text` names which."""
    return InitErrorDetails(
        type="value_error", loc=place, input=found, ctx={"error": ValueError(text)}
    )


if __name__ == "__main__":
    cli.run(write_schema)

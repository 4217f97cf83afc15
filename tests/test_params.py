"""Settings: the shipped file is valid, a mistake is refused in one line, editors know every key."""

import re
from pathlib import Path
from typing import get_args

import pytest
from ruamel.yaml import YAML

from resnet_depth.base.errors import UserError
from resnet_depth.base.files import json_text, read_json
from resnet_depth.base.sections import Section, load_section, read_params
from resnet_depth.networks.shape import DEPTHS
from resnet_depth.params import Params, load_params, require_studied, schema
from resnet_depth.training.settings import RecipeSettings, TrainSettings, load_recipe

ALLOWED_DEPTHS = ", ".join(map(str, DEPTHS))
SHIPPED = Path(__file__).parents[1] / "params.yaml"
WEIGHTS = {
    **{"title": "Mine", "digests": {"resnet18": None}, "hosts": []},
    **{"channel_mean": [0.5, 0.5, 0.5], "channel_std": [0.2, 0.2, 0.2]},
}
SCHEMA = SHIPPED.with_name("params.schema.json")


def sections_within(kind):
    """A settings class and all that its fields hold."""
    found = [kind]
    for field in kind.model_fields.values():
        for inner in (field.annotation, *get_args(field.annotation)):
            if isinstance(inner, type) and issubclass(inner, Section):
                found += sections_within(inner)
    return found


@pytest.fixture
def params(tmp_path):
    """Return a function that writes a changed copy of params.yaml and returns its path."""

    def change(edit):
        content = read_params(SHIPPED)
        edit(content)
        path = tmp_path / "params.yaml"
        with path.open("w", encoding="utf-8") as file:
            YAML(typ="safe", pure=True).dump(content, file)
        return path

    return change


def refusal(path):
    with pytest.raises(UserError) as caught:
        load_params(path)
    return str(caught.value)


def assign(dotted, value):
    def edit(content):
        *parents, key = dotted.split(".")
        for parent in parents:
            content = content[parent]
        content[key] = value

    return edit


def test_the_shipped_settings_are_valid_and_read_as_they_are_written():
    written = read_params(SHIPPED)
    reference = written["recipes"]["reference"]
    written["recipes"] = {name: reference | own for name, own in written["recipes"].items()}

    assert load_params(SHIPPED).model_dump(mode="json", exclude_unset=True) == written


def test_the_shipped_settings_are_the_reference_studys():
    recipe = load_recipe(SHIPPED, "reference")

    assert read_params(SHIPPED)["study"] == {
        "datasets": ["digits"],
        "recipes": ["reference"],
        "depths": [18, 34, 50],
        "seeds": [0, 1, 2],
    }
    assert (recipe.optimizer, recipe.lr, recipe.batch_size, recipe.epochs) == ("adam", 1e-3, 64, 5)
    assert (recipe.stem, recipe.image_size, recipe.schedule) == ("imagenet", 32, "constant")
    off = ("weight_decay", "gradient_clip", "label_smoothing", "ema")
    off += ("crop_padding", "cutout", "mixup", "cutmix", "warmup_epochs", "warmup_fraction")
    assert not any(getattr(recipe, key) for key in off)
    assert recipe.flip == "none"
    assert not recipe.trivial_augment


def test_a_key_that_a_recipe_leaves_out_has_the_references_value(params):
    def edit(content):
        content["recipes"]["reference"]["batch_size"] = 5
        content["recipes"]["mine"] = {"lr": 0.1}

    path = params(edit)

    for recipe in (load_recipe(path, "mine"), load_params(path).recipes["mine"]):
        assert (recipe.lr, recipe.batch_size) == (0.1, 5)


def test_a_mistake_in_the_reference_is_told_once(params):
    text = refusal(params(assign("recipes.reference.lr", "fast")))

    assert text.count("\n") == 0
    assert "recipes.reference.lr is 'fast'; allowed: a number above 0" in text


@pytest.mark.parametrize(
    ("recipe", "message"),
    [
        ({"speed": 1}, "recipes.mine.speed is no known key; allowed here: stem, image_size"),
        ({"optimizer": "lion"}, "recipes.mine.optimizer is 'lion'; allowed: adam, adamw, sgd"),
        ({"warmup_epochs": 1, "warmup_fraction": 0.1}, "recipes.mine.warmup_epochs and warmup_fr"),
        ({"warmup_epochs": 5}, "recipes.mine.warmup_epochs is 5; allowed: less than epochs, 5"),
        ({"mixup": 0.2, "cutmix": 1}, "recipes.mine.mixup and cutmix are both given; set one to 0"),
        ({"step_epochs": [3, 2]}, "recipes.mine.step_epochs is [3, 2]; allowed: epochs from 1"),
        ({"schedule": "step"}, "recipes.mine.step_epochs is []; allowed: an epoch below epochs, 5"),
        (3, "recipes.mine is 3; allowed: a mapping of stem, image_size"),
    ],
)
def test_a_recipe_that_can_not_be_is_refused(params, recipe, message):
    text = refusal(params(lambda content: content["recipes"].update(mine=recipe)))

    assert message in text
    assert text.count("\n") == 0


def test_there_is_a_reference(params):
    text = refusal(params(lambda content: content["recipes"].pop("reference")))

    assert "recipes.reference is missing, whose keys the others may leave out; add it" in text


def test_an_editor_lets_a_recipe_leave_keys_out_but_not_the_reference():
    recipes = read_json(SCHEMA)["properties"]["recipes"]
    definitions = read_json(SCHEMA)["$defs"]

    assert recipes["required"] == ["reference"]
    assert set(definitions["RecipeSettings"]["required"]) == set(RecipeSettings.model_fields)
    assert "required" not in definitions["FurtherRecipe"]
    assert definitions["FurtherRecipe"]["additionalProperties"] is False


@pytest.mark.parametrize("kind", sections_within(Params))
def test_every_setting_says_what_is_allowed(kind: type[Section]):
    # A section within another says it by its keys.
    assert [
        name
        for name, field in kind.model_fields.items()
        if not field.description and field.annotation not in sections_within(kind)
    ] == []
    assert kind.__doc__


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        (
            "recipes.reference.lr",
            "fast",
            "recipes.reference.lr is 'fast'; allowed: a number above 0",
        ),
        ("recipes.reference.lr", True, "recipes.reference.lr is True; allowed: a number above 0"),
        ("recipes.fast.lr", float("nan"), "recipes.fast.lr is nan; allowed: a number above 0"),
        ("recipes.fast.batch_size", 1, "recipes.fast.batch_size is 1; allowed: a whole number"),
        ("recipes.fast.batch_size", 64.0, "recipes.fast.batch_size is 64.0; allowed: a whole num"),
        ("recipes.fast.ema", 1, "recipes.fast.ema is 1; allowed: 0 (none) or the share"),
        ("recipes.fast.flip", "up", "recipes.fast.flip is 'up'; allowed: none, random or alt"),
        ("train.speed", 9, "train.speed is no known key; allowed here: device, threads"),
        ("study.depths", [19], f"study.depths has 19; allowed: {ALLOWED_DEPTHS}"),
        ("study.depths", [18, 19], f"study.depths has 19; allowed: {ALLOWED_DEPTHS}"),
        ("study.depths", [18.0], "study.depths.0 is 18.0; allowed: a list of depths"),
        ("study.depths", [18, 18], "study.depths names a member twice: [18, 18]; name each once"),
        ("study.depths", [], "study.depths is []; allowed: a list of depths"),
        ("study.depths", ["18"], "study.depths.0 is '18'; allowed: a list of depths"),
        ("study.seeds", [-1], "study.seeds.0 is -1; allowed: a list of whole numbers"),
        ("study.datasets", ["mnist"], "study.datasets has 'mnist'; allowed: cifar10, cifar10_j"),
        ("datasets", {}, "datasets is {}; allowed: a mapping of datasets, each named by a-z, 0-9"),
        ("datasets", None, "datasets is None; allowed: a mapping of datasets"),
        ("datasets.digits", 4, "datasets.digits is 4; allowed: a mapping of kind, title, digest"),
        ("datasets.My set", {}, "datasets.My set is no allowed name; allowed: a mapping of dat"),
        ("datasets.digits.epoch", 5, "datasets.digits.epoch is no known key; allowed here: kind"),
        (
            "datasets.digits.epochs_factor",
            0,
            "datasets.digits.epochs_factor is 0; allowed: a number",
        ),
        ("datasets.cifar10.digest", "md5:abc", "digest is 'md5:abc'; allowed: md5:<32 hex digits>"),
        ("datasets.cifar10.digest", None, "digest is null; the kind cifar10 needs one"),
        ("datasets.digits.hosts", ["http://a"], "datasets.digits.hosts is ['http://a']; only the"),
        ("recipes.fast.stem", "big", "recipes.fast.stem is 'big'; allowed: imagenet"),
        ("study.recipes", ["slow"], "study.recipes has 'slow'; allowed: cifar_stem, fast"),
        ("prepare.validation_fraction", 1, "prepare.validation_fraction is 1; allowed: a number"),
        ("export.calibration_images", 0, "export.calibration_images is 0; allowed: a whole num"),
        ("latency.sessions", 0, "latency.sessions is 0; allowed: a whole number of sessions"),
        ("latency.band", 0, "latency.band is 0; allowed: a number above 0, at most 1"),
        ("latency.single.repeats", 1, "latency.single.repeats is 1; allowed: a whole number"),
        ("prune.epochs", 0, "prune.epochs is 0; allowed: a whole number of passes"),
        ("prune.inner.l2", [1.0], "prune.inner.l2.0 is 1.0; allowed: a list of shares above 0 and"),
        ("prune.inner.l2", [0.5, 0.5], "prune.inner.l2 names a member twice: [0.5, 0.5]; name ea"),
        ("prune.groups.l1", [0.5], "prune.groups.l1 is no known key; allowed here: l2, random"),
        ("prune.weights", 0.9, "prune.weights is 0.9; allowed: a list of shares above 0 and below"),
        ("prune.recipe", "fast", "prune.recipe is 'fast'; allowed, from study.recipes: reference"),
        ("prune.depths", [101], "prune.depths has 101; allowed, from study.depths: 18, 34, 50"),
        ("prune.depths", [18, 18], "prune.depths names a member twice: [18, 18]; name each once"),
        ("prepare.validation_fraction", 0, "prune.depths isn't empty, but prepare.validation_fra"),
        ("report.pruning_loss", 1, "report.pruning_loss is 1; allowed: a fraction of validation"),
        ("extras", {}, "extras is no known section; allowed: study"),
        ("datasets.cifar10.hosts", ["http://["], "hosts.0 is 'http://['; allowed: an http or"),
        ("datasets.cifar10.hosts", ["ftp://u:p@h/"], "hosts.0 is 'ftp://…@h/'; allowed: an http"),
        ("datasets.cifar10.size", 0, "datasets.cifar10.size is 0; allowed: bytes of that archive"),
        ("download.slowest", -1, "download.slowest is -1; allowed: a whole number of bytes"),
        ("download.patience", 0.5, "download.patience is 0.5; allowed: a whole number of seconds"),
        (f"datasets.{'d' * 65}", {}, "is no allowed name; allowed: a mapping of datasets"),
        ("train", 4, "train is 4; allowed: a mapping of device, threads"),
        (
            "recipes.fast.freeze",
            "layer1",
            "recipes.fast.freeze is layer1, but weights is none; set",
        ),
        ("recipes.fast.freeze", "layer9", "recipes.fast.freeze is 'layer9'; allowed: none, layer1"),
        ("recipes.fast.train_fraction", 0, "recipes.fast.train_fraction is 0; allowed: a share"),
        ("recipes.fast.weights", "mine", "recipes.fast.weights is 'mine'; allowed: none, imagenet"),
        ("weights", {"imagenet": WEIGHTS}, "weights.imagenet has a meaning of its own; rename it"),
        (
            "weights",
            {"a": WEIGHTS | {"digests": {"vgg": None}}},
            "weights.a.digests.vgg is no allo",
        ),
        ("weights", {"a": WEIGHTS | {"channel_std": [1, 1]}}, "weights.a.channel_std"),
        ("recipes.My own", {}, "recipes.My own is no allowed name; allowed: a mapping of recipes"),
        ("train", {3: 4}, "train.3 is no known key; allowed here: device, threads"),
    ],
)
def test_a_mistake_is_refused_naming_file_key_value_and_what_is_allowed(
    params, key, value, message
):
    path = params(assign(key, value))

    text = refusal(path)

    assert message in text
    assert all(line.startswith(f"{path}: ") for line in text.splitlines())


def test_where_nothing_is_pruned_a_study_needs_neither_its_recipe_nor_a_validation_part(params):
    def edit(content):
        content["prune"].update(depths=[], recipe="fast")
        content["prepare"]["validation_fraction"] = 0

    assert load_params(params(edit)).prune.depths == ()


def test_one_mistake_gives_one_line(params):
    assert refusal(params(assign("recipes.fast.lr", "fast"))).count("\n") == 0


def test_of_many_mistakes_the_first_are_told(params):
    lines = refusal(params(assign("study.seeds", [-1] * 1000))).splitlines()

    assert len(lines) == 21
    assert lines[-1].endswith(" more mistakes; correct these first")


def test_a_long_value_is_told_by_its_beginning(params):
    path = params(assign("recipes.fast.lr", "fast\n" * 1000))

    (line,) = refusal(path).splitlines()

    assert len(line) < len(str(path)) + 330
    assert r"is 'fast\nfast\n" in line


def test_two_mistakes_give_a_line_each(params):
    def edit(content):
        content["recipes"]["fast"]["lr"] = "fast"
        content["study"]["depths"] = [19]

    lines = refusal(params(edit)).splitlines()

    assert len(lines) == 2
    assert "study.depths" in lines[0]
    assert "recipes.fast.lr" in lines[1]


def test_what_sections_lack_of_each_other_is_said_beside_their_own_mistakes(params):
    def edit(content):
        content["study"].update(datasets=["mnist", "digits", "svhn"])
        content["datasets"]["digits"]["epochs_factor"] = 0
        content["study"]["recipes"] = ["slow"]
        content["recipes"]["fast"]["lr"] = "fast"

    keys = [line.split(": ", 1)[1].split(";")[0] for line in refusal(params(edit)).splitlines()]

    assert keys == [
        "datasets.digits.epochs_factor is 0",
        "recipes.fast.lr is 'fast'",
        "study.datasets has 'mnist'",
        "study.datasets has 'svhn'",
        "study.recipes has 'slow'",
    ]


def test_weights_that_the_study_asks_for_have_every_depth(params):
    def edit(content):
        content["weights"]["mine"] = WEIGHTS
        content["recipes"]["fast"]["weights"] = "mine"
        content["study"].update(recipes=["reference", "fast"], depths=[18, 34])

    text = refusal(params(edit))

    assert "recipes.fast.weights is mine, which has no resnet34; add it to weights.mine.dig" in text
    assert text.count("\n") == 0


@pytest.mark.parametrize(
    "section", [name for name, field in Params.model_fields.items() if field.is_required()]
)
def test_a_missing_section_is_named(params, section):
    assert f"{section} is missing" in refusal(params(lambda content: content.pop(section)))


def test_a_missing_key_is_named_with_what_to_add(params):
    text = refusal(params(lambda content: content["recipes"]["reference"].pop("lr")))

    assert text.endswith(
        "recipes.reference.lr is missing; add it: a number above 0, at most 10: the largest step "
        "size"
    )


def test_a_missing_file_is_one_line(tmp_path):
    assert "no such settings file" in refusal(tmp_path / "params.yaml")


@pytest.mark.parametrize("text", ["train: [1, 2", "a: 1\na: 2\n", "\tx: 1"])
def test_broken_yaml_is_one_line_with_its_place(tmp_path, text):
    path = tmp_path / "params.yaml"
    path.write_text(text)

    message = refusal(path)

    assert "is no valid YAML" in message
    assert "\n" not in message


def test_a_file_without_sections_is_refused(tmp_path):
    path = tmp_path / "params.yaml"
    path.write_text("- 1\n")

    assert "must be a mapping" in refusal(path)


def test_numbers_are_read_as_dvc_reads_them(tmp_path):
    # YAML 1.1, as PyYAML has it, takes 1e-3 for a string.
    path = tmp_path / "params.yaml"
    path.write_text("a: 1e-3\n")

    assert read_params(path) == {"a": 1e-3}


def test_settings_are_frozen():
    settings = load_section(SHIPPED, "train", TrainSettings)

    with pytest.raises(ValueError, match="frozen"):
        settings.threads = 1


def test_what_is_outside_the_study_is_refused_with_what_to_do():
    require_studied(SHIPPED, datasets="digits", recipes="reference", depths=18, seeds=None)
    for members, message in (
        ({"datasets": "cifar10_jpeg"}, r"lacks cifar10_jpeg \(add '- cifar10_jpeg' there\); it"),
        ({"datasets": "mnist"}, r"lacks mnist \(no such key in datasets\); it has digits"),
        ({"recipes": "slow"}, r"recipes lacks slow \(no such key in recipes\); it has reference"),
        ({"depths": 1000}, r"study.depths lacks 1000; it has 18, "),
    ):
        with pytest.raises(UserError, match=message):
            require_studied(SHIPPED, **members)


def test_the_schema_for_editors_is_current():
    written = SCHEMA.read_text(encoding="utf-8")

    assert written == json_text(schema()), "type 'make format', which writes params.schema.json"


def test_the_settings_name_their_schema_in_the_first_line_as_editors_look_for_it():
    first = SHIPPED.read_text(encoding="utf-8").splitlines()[0]

    assert first == f"# yaml-language-server: $schema={SCHEMA.name}"


def shown(schema, key):
    """What an editor finds in the schema for a key of a mapping: its part, references followed."""
    patterns = schema.get("patternProperties", {})
    part = schema.get("properties", {}).get(key) or next(
        part for pattern, part in patterns.items() if re.search(pattern, key)
    )
    return (
        read_json(SCHEMA)["$defs"][part["$ref"].split("/")[-1]] | part if "$ref" in part else part
    )


def keys_of(content, schema, path=()):
    """Every key of the settings with what the schema has for it."""
    for key, value in content.items():
        part = shown(schema, key)
        yield ".".join([*path, key]), part
        if isinstance(value, dict):
            yield from keys_of(value, part, (*path, key))


def test_an_editor_finds_a_description_of_every_key_and_refuses_others():
    parts = dict(keys_of(read_params(SHIPPED), read_json(SCHEMA)))

    assert {"recipes.fast.lr", "datasets.digits.epochs_factor", "latency.single.repeats"} <= set(
        parts
    )
    assert [key for key, part in parts.items() if not part.get("description")] == []
    # A mapping that would let any key in would show no misspelling.
    mappings = [part for part in parts.values() if part.get("type") == "object"]
    assert [part for part in mappings if part["additionalProperties"] is not False] == []

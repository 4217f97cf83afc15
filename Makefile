# Everything a user types. Paths are relative, so the folder's own name may hold spaces.
SHELL := /bin/sh
.DEFAULT_GOAL := help

# What a user gives is text, which neither make nor the shell is to run: make expands it no more, and
# the recipes read it as variables of the shell.
GIVEN := DATASET STUDY RUN RECIPE KEY VALUES A B IMAGE DEPTH ROOM ARGS TORCH JOBS SCHEDULER
$(foreach name,$(GIVEN),$(if $(filter command environment,$(origin $(name))), \
  $(eval override $(name) := $$(value $(name)))))

# What can be tried at once is of digits where no dataset is named.
predict export sweep: override DATASET := $(if $(filter override,$(origin DATASET)),$(DATASET),digits)
# What is compared says itself of which it is.
compare: override DATASET := $(if $(filter override,$(origin DATASET)),$(DATASET))
DATASET ?= cifar10
# A study of docs/results/, and a network of it: its first one where none is named.
STUDY ?= $(DATASET)
RUN ?=
RECIPE ?= reference
# What `make sweep` tries.
KEY ?= lr
VALUES ?= 0.0003,0.001,0.003
# What `make compare` sets side by side.
A ?= HEAD
B ?= workspace
# What `make predict` asks what about: image files or folders; and what `make export` writes.
IMAGE ?=
DEPTH ?= 18
# How many instances `make study` runs at once; of one, plain `dvc repro`.
JOBS ?= 1
# Whose workers run them in clones, where it is given: Dask's, see docs/workers.md.
SCHEDULER ?=
# Only now: make takes what it exports for given.
export $(GIVEN)
# What `make test ROOM=` takes: the library's rooms from the ground up, then what holds for them all.
ROOMS := base runs machine data networks deployment start training evaluation export latency \
  pruning evidence findings report commands params structure pipeline faults

# The first of these that is Python 3.11 or newer makes the environment.
PYTHONS := python3 python3.14 python3.13 python3.12 python3.11 python
# cpu: without the packages for CUDA, if pip finds such builds (see docs/troubleshooting.md).
TORCH ?=
# What `. .venv/bin/activate` does, for the recipes below and for the stages DVC starts. In the place
# of the shell, so that what ends make ends the command too.
ENVIRONMENT := exec env PATH="$(CURDIR)/.venv/bin:$$PATH" VIRTUAL_ENV="$(CURDIR)/.venv"
PYTHON := $(ENVIRONMENT) PYTHONPATH=src python
# After a look at what is in its way, such as a dvc.lock that a kill has cut off.
DVC := $(PYTHON) -m resnet_depth.commands.reproducing dvc --root . --parent "$$PPID" --
# Several instances at once, and what must run alone; it ends with make, as DVC does.
SCHEDULING = $(PYTHON) -m resnet_depth.commands.scheduling $(1) --root . --parent "$$PPID"
# Before anything starts: params.yaml is valid, and the study has what is asked for.
CHECK := $(PYTHON) stages/settings.py --params params.yaml --out data/settings.ok
# Python with the arguments that stdin has, quotes and all, behind those that follow.
WITH_WORDS := $(ENVIRONMENT) PYTHONPATH=src xargs python

.PHONY: always help run study costs export predict sweep compare experiments test test-studies \
  test-slow .in-study .known-room bench docs docs-check format tidy reproduce publish verify clean

help: ## List the targets
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 20

run: override DATASET := digits
run: study ## The whole study on real images that need no download; minutes on 2 cores

.in-study: .venv/installed
	@$(PYTHON) -m resnet_depth.commands.studying --root . --dataset="$$DATASET"
	@$(MAKE) --no-print-directory tidy

ifneq ($(strip $(SCHEDULER)),)
study: .in-study
	@set -f; $(call SCHEDULING,clones) --dataset="$$DATASET" --scheduler="$$SCHEDULER" $$ARGS
else ifeq ($(filter-out 1,$(strip $(JOBS))),)
study: .in-study ## The study on CIFAR-10; DATASET=<key> for another one of params.yaml; JOBS=4
	@$(DVC) repro "report@$$DATASET"
	@echo
	@cat "plots/$$DATASET/results.txt"
	@echo "Report: plots/$$DATASET/report.html"
else
study: .in-study
	@set -f; $(call SCHEDULING,run) --dataset="$$DATASET" --jobs="$$JOBS" $$ARGS
endif

costs: .venv/installed ## Time one training a depth and recipe again, alone; DATASET=<key>
	@$(call SCHEDULING,costs) --dataset="$$DATASET"

export: .venv/installed ## A network as ONNX and safetensors files; DATASET= RECIPE= DEPTH=
	@$(CHECK) --dataset="$$DATASET" --recipe="$$RECIPE" --depth="$$DEPTH"
	@$(DVC) repro "export@$$DATASET-$$RECIPE-$$DEPTH"
	@echo "Files: data/exports/$$DATASET/$$RECIPE/resnet$$DEPTH/"

predict: .venv/installed ## What an exported network says of images; IMAGE="a.jpg folder" ARGS="--top 5 --json", or ARGS=--examples
	@printf '%s\n' "--root . $$ARGS --" "$$IMAGE" | $(WITH_WORDS) -m resnet_depth.commands.predicting \
	  --dataset="$$DATASET" --recipe="$$RECIPE" --depth="$$DEPTH"

ifeq ($(strip $(ROOM)),)
test: .venv/installed ## Lint, types, documents and tests; ROOM=training for those of one room
	@$(ENVIRONMENT) ruff check .
	@$(ENVIRONMENT) ruff format --check .
	@$(ENVIRONMENT) mypy src stages
	@$(MAKE) --no-print-directory docs-check
	@$(ENVIRONMENT) python -m pytest
else
OF_ROOM = $(wildcard $(foreach room,$(ROOM),src/resnet_depth/$(room) src/resnet_depth/$(room).py \
  tests/$(room) tests/test_$(room).py))
test: .known-room .venv/installed
	@$(ENVIRONMENT) ruff check $(OF_ROOM)
	@$(ENVIRONMENT) ruff format --check $(OF_ROOM)
	@$(ENVIRONMENT) mypy src stages
	@$(ENVIRONMENT) python -m pytest -m "not slow" $(filter tests/%,$(OF_ROOM))
endif

test-studies: .venv/installed ## Tests that run whole studies through DVC; CI runs them, too
	@$(ENVIRONMENT) python -m pytest -m "study and not slow"

test-slow: .venv/installed ## Tests of minutes: what faults, kills and fuzzing leave, and the full image set
	@$(ENVIRONMENT) python -m pytest -m slow

.known-room:
	@$(if $(filter-out $(ROOMS),$(ROOM)),$(error ROOM=$(firstword $(filter-out $(ROOMS),$(ROOM))): no such room; there are $(ROOMS)))

sweep: .venv/installed ## Try values of a recipe's key by validation accuracy; RECIPE= KEY= VALUES=0.001,0.01
	@printf '%s\n' "--root . $$ARGS" | $(WITH_WORDS) -m resnet_depth.commands.sweeping \
	  --dataset="$$DATASET" --recipe="$$RECIPE" --key="$$KEY" --values="$$VALUES"

compare: .venv/installed ## Two studies side by side; A= B= each workspace, revision, experiment or published; ARGS=--markdown
	@printf '%s\n' "--root . $$ARGS" | $(WITH_WORDS) -m resnet_depth.commands.comparing \
	  --a="$$A" --b="$$B" $${DATASET:+--dataset="$$DATASET"}

experiments: .venv/installed ## All DVC experiments, queued ones too, in a table; ARGS=--markdown
	@printf '%s\n' "--root . $$ARGS" | $(WITH_WORDS) -m resnet_depth.commands.experimenting

bench: .venv/installed ## Training speed beside the plain loop; ARGS="--quick --out bench.json"
	@printf '%s\n' "--params params.yaml $$ARGS" | $(WITH_WORDS) -m resnet_depth.commands.bench

docs: .venv/installed ## Write the documents from docs/templates/ and the published results
	@$(PYTHON) -m resnet_depth.commands.publishing docs --root .

docs-check: .venv/installed ## Tell where the documents aren't what docs/templates/ and the results give
	@$(PYTHON) -m resnet_depth.commands.publishing docs --root . --check

format: .venv/installed ## Rewrite code and params.schema.json as `make test` wants them; line ends as in git
	@$(PYTHON) -m resnet_depth.commands.reproducing lines --root .
	@$(ENVIRONMENT) ruff check --fix --exit-zero --quiet .
	@$(ENVIRONMENT) ruff format .
	@$(PYTHON) -m resnet_depth.params --out params.schema.json

tidy: .venv/installed ## Remove files and dvc.lock entries of what is no longer in the study
	@$(PYTHON) -m resnet_depth.commands.reproducing tidy --root .

reproduce: .venv/installed ## Run the digits study from this clone and compare with what is committed
	@$(PYTHON) -m resnet_depth.commands.reproducing reproduce --root . --dataset digits

publish: .venv/installed ## Copy a finished study's results to docs/results/; DATASET=<key>
	@$(PYTHON) -m resnet_depth.commands.publishing publish --root . --dataset="$$DATASET" --study="$$STUDY"

verify: .venv/installed ## Train a published network again, compare bytes; STUDY=<name> RUN=<run>
	@$(PYTHON) -m resnet_depth.commands.publishing verify --root . --study="$$STUDY" --run="$$RUN"

clean: ## Remove the environment; results stay
	rm -rf .venv

# Looked at each time: what decides is the lock's content, not when its file was written.
.venv/installed: always
	@PYTHONS="$(PYTHONS)" sh ./environment.sh

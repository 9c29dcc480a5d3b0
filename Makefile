# `make` by itself lists what there is to do.

# Variables a user may set, each the option with the same name: CLIENTS=500 becomes --clients 500.
BENCH_OPTIONS := TRANSPORT BACKPLANE GENERATOR NODES CLIENTS DURATION POLL OUT SEED HEADERS
CEILING_OPTIONS := GENERATOR BACKPLANE NODES CONNECTIONS DURATION HEADERS OUT
SERVE_OPTIONS := TRANSPORT BACKPLANE NODES PORT HOST SCENARIO
MUTANTS_OPTIONS := FILES SAMPLE SEED

NODE  := node_modules/.bin/node
STAMP := node_modules/.feedbench-stamp
# The tools must run on the pinned Node too, and they look for it on PATH.
PINNED := PATH="$(CURDIR)/node_modules/.bin:$$PATH"

comma := ,
lower  = $(shell printf %s '$1' | tr A-Z a-z)
quote  = '$(subst ','\'',$1)'
# Only what was given is passed on, unexpanded, as one word of the shell.
options   = $(foreach name,$1,$(if $(value $(name)),--$(call lower,$(name)) $(call quote,$(value $(name)))))
scenarios = $(if $(value SCENARIO),$(subst $(comma),' ',$(call quote,$(value SCENARIO))))

.DEFAULT_GOAL := help
.PHONY: help setup bench ceiling list serve k6 test lint format perf mutants clean

help: ## show this
	@awk -F ':.*## ' '/^[a-z0-9]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo
	@echo '  bench takes SCENARIO=name,… and $(BENCH_OPTIONS)'
	@echo '  ceiling takes $(CEILING_OPTIONS)'
	@echo '  serve takes $(SERVE_OPTIONS)'
	@echo '  mutants takes $(MUTANTS_OPTIONS)'
	@echo '  e.g. make bench SCENARIO=ticker TRANSPORT=ws,polling CLIENTS=500 DURATION=10s'

setup: $(STAMP) ## install everything: Redis, Chromium and k6 included
	@tools/setup.sh redis chromium k6

# The program is started directly: `npm run` would pass a Ctrl-C on a second time.
bench: $(STAMP) ## measure transports under a workload
	@tools/setup.sh redis $(findstring k6,$(value GENERATOR))
	@$(NODE) cli/cli.ts run $(scenarios) $(call options,$(BENCH_OPTIONS))

ceiling: $(STAMP) ## measure how many polls a second a door can answer
	@tools/setup.sh redis
	@$(NODE) cli/cli.ts ceiling $(call options,$(CEILING_OPTIONS))

list: $(STAMP) ## list scenarios, transports and the rest of the vocabulary
	@$(NODE) cli/cli.ts list

serve: $(STAMP) ## serve the feed to look at it by hand
	@tools/setup.sh redis
	@$(NODE) cli/cli.ts serve $(call options,$(SERVE_OPTIONS))

k6: ## build k6, the load generator, where Go is
	@tools/setup.sh k6

test: setup lint ## check and test everything
	@$(PINNED) vitest run

lint: $(STAMP) ## check format, rules, types and dead code
	@$(PINNED) biome format
	@$(PINNED) oxlint --type-aware
	@$(PINNED) tsc
	@$(PINNED) knip

format: $(STAMP) ## rewrite the files in the house format
	@$(PINNED) oxlint --fix
	@$(PINNED) biome format --write

perf: $(STAMP) ## measure feedbench itself
	@$(NODE) tools/perf/perf.ts

mutants: $(STAMP) ## break the code in small ways and tell which of them no test notices
	@$(PINNED) nice $(NODE) tools/mutants/mutants.ts $(call options,$(MUTANTS_OPTIONS))

clean: ## remove everything that was generated or installed
	rm -rf node_modules reports/out coverage .feedbench

$(STAMP): package-lock.json
	@tools/setup.sh node
	@npm ci --no-audit --no-fund --loglevel=error
	@$(NODE) --version >/dev/null || { echo 'the pinned Node is missing: npm must be allowed to run install scripts' >&2; exit 1; }
	@touch $@

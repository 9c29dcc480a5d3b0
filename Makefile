# `make` by itself lists what there is to do.

NODE  := node_modules/.bin/node
STAMP := node_modules/.feedbench-stamp
# The tools must run on the pinned Node too, and they look for it on PATH.
PINNED := PATH="$(CURDIR)/node_modules/.bin:$$PATH"
# Where Node keeps what it compiled: tests start the program some hundred times.
COMPILED := $(CURDIR)/.feedbench/compiled

# Only what stands on the command line of make is passed on: HOST, PORT or OUT may be in the environment for other reasons.
# The program reads these few from the environment itself.
ENVIRONMENT := REDIS_URL K6 CHROMIUM TMPDIR XDG_STATE_HOME PATH SHELL
given  := $(sort $(foreach name,$(.VARIABLES),$(if $(findstring command line,$(origin $(name))),$(filter-out $(ENVIRONMENT),$(name)))))
quote   = '$(subst ','\'',$1)'
# Unexpanded, each as one word of the shell. Which there are, and which option each is, the program knows.
variables = $(foreach name,$(given),$(call quote,$(name)=$(value $(name))))

# The same as options, for a tool that knows its own.
lower   = $(shell printf %s '$1' | tr A-Z a-z)
options = $(foreach name,$(given),--$(call lower,$(name)) $(call quote,$(value $(name))))

ifneq ($(given),)
ifeq ($(filter bench bench-full plan ceiling calibrate claims serve race list mutants perf fuzz sensitivity,$(MAKECMDGOALS)),)
$(error no variable is known to make $(or $(MAKECMDGOALS),help), so what is $(given)? bench, ceiling and serve have some: see make help)
endif
endif

ifneq ($(filter fuzz,$(MAKECMDGOALS)),)
ifneq ($(filter-out STREAMS ATTACKS TOKENS SEED,$(given)),)
$(error make fuzz takes STREAMS, ATTACKS, TOKENS and SEED, not $(filter-out STREAMS ATTACKS TOKENS SEED,$(given)))
endif
endif

.DEFAULT_GOAL := help
.PHONY: help setup bench bench-full plan ceiling calibrate claims list serve race k6 test lint format perf trust sensitivity fuzz mutants backplanes dead-server sample clean

help: ## show this
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo
	@./feedbench make help 2>/dev/null || echo '  bench, ceiling and serve take variables: make setup, and this lists them'
	@echo '  e.g. make bench SCENARIO=ticker TRANSPORT=ws,polling CLIENTS=500 DURATION=10s'

setup: $(STAMP) ## install everything: Redis, nginx, HAProxy, Chromium and k6 included
	@tools/setup.sh redis nginx haproxy chromium k6

# The program is started directly: `npm run` would pass a Ctrl-C on a second time.
# It says first what is wrong with the variables and what they need, so that nothing is installed in vain.
needs = @needs=$$(./feedbench make needs $@ $(variables)) && tools/setup.sh $$needs
verb  = @./feedbench make $@ $(variables)

bench: $(STAMP) ## measure transports under a workload
	$(needs)
	$(verb)

bench-full: $(STAMP) ## the same, also with the variants that bench leaves out
	$(needs)
	$(verb)

plan: $(STAMP) ## what bench would measure with the same variables, how long it takes, and what it would find
	$(verb)

ceiling: $(STAMP) ## measure how many polls a second a door can answer
	$(needs)
	$(verb)

calibrate: $(STAMP) ## measure how much trials differ by chance on this machine, up to 30 minutes
	$(needs)
	$(verb)

claims: $(STAMP) ## hold the claims of a guide on WebSockets against measurements
	@tools/setup.sh redis chromium
	$(verb)

list: $(STAMP) ## list scenarios, transports and the rest of the vocabulary
	$(verb)

serve: $(STAMP) ## serve the feed to look at it by hand
	$(needs)
	$(verb)

race: $(STAMP) ## show one feed through all transports side by side, in a page for a room
	$(needs)
	$(verb)

k6: ## build k6, the load generator, where Go is
	@tools/setup.sh k6

test: setup lint ## check and test everything
	@NODE_COMPILE_CACHE='$(COMPILED)' $(PINNED) vitest run

lint: $(STAMP) ## check format, rules, types and dead code
	@$(PINNED) biome format
	@$(PINNED) oxlint --type-aware
	@$(PINNED) tsc
	@$(PINNED) knip

format: $(STAMP) ## rewrite the files in the house format
	@$(PINNED) oxlint --fix
	@$(PINNED) biome format --write

perf: $(STAMP) ## measure feedbench itself, or one part of it (PART)
	@$(NODE) tools/perf/perf.ts $(options)

trust: $(STAMP) ## disturb trials on purpose, and see which are suspect
	@$(NODE) tools/trust/trust.ts

sensitivity: $(STAMP) ## plant a slower and a costlier WebSocket, and see what a campaign finds (TRIALS, EQUAL)
	@$(NODE) tools/sensitivity/sensitivity.ts $(options)

fuzz: $(STAMP) ## play 200,000 changed streams to every client, 5,000 attacks and 10,000 wrong tokens to every door (STREAMS, ATTACKS, TOKENS, SEED)
	@FUZZ_STREAMS=$(call quote,$(or $(STREAMS),200000)) FUZZ_ATTACKS=$(call quote,$(or $(ATTACKS),5000)) FUZZ_TOKENS=$(call quote,$(or $(TOKENS),10000)) FUZZ_SEED=$(if $(SEED),$(call quote,$(SEED)),$$(date +%s)) $(PINNED) vitest run --project unit servers/hostile

backplanes: $(STAMP) ## what each backplane asks of Redis for a message, and who loses what when Redis is away
	@$(NODE) tools/backplanes/backplanes.ts

dead-server: $(STAMP) ## how long until each kind of client knows that its server is gone, where nobody tells it
	@$(NODE) tools/dead-server/dead-server.ts

mutants: $(STAMP) ## break the code in small ways and tell which of them no test notices (FILES, SAMPLE, SEED)
	@$(PINNED) nice $(NODE) tools/mutants/mutants.ts $(options)

sample: $(STAMP) ## make the report in reports/sample anew from its result, and its picture
	@tools/setup.sh chromium
	@$(NODE) tools/sample/sample.ts

clean: ## remove everything that was generated or installed
	rm -rf node_modules reports/out coverage dist .feedbench

$(STAMP): package-lock.json
	@tools/setup.sh node
	@echo 'installing npm packages, a Node among them'
	@npm ci --no-audit --no-fund --no-update-notifier --loglevel=error
	@$(NODE) --version >/dev/null || { echo 'the pinned Node is missing: npm must be allowed to run install scripts' >&2; exit 1; }
	@touch $@

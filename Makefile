.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

VERSION = $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
COMMIT  = $(shell git rev-parse HEAD 2>/dev/null || echo unknown)
TOOL    = go tool -modfile=.ci/tools/go.mod
GOFMT   = "$$(go env GOROOT)/bin/gofmt"

# How long make fuzz gives each target.
FUZZTIME ?= 20s

# What the tests run, installed where it is missing.
MARIADB = [ -n "$$OMARTY_TEST_MYSQL_URL" ] || .ci/ensure 'the tests on MariaDB' mariadb-server:mariadbd

##@ To use

.PHONY: help
help: ## Show this help
	@awk 'BEGIN { FS = ":.*## " } \
		/^##@ / { printf "\n%s\n", substr($$0, 5) } \
		/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: run
run: build ## Build and serve the demo: a ready register, and a curl to paste
	@bin/omarty serve --demo

.PHONY: build
build: ## Build bin/omarty, one static program
	@CGO_ENABLED=0 go build -trimpath -o bin/omarty \
		-ldflags '-s -w -X main.version=$(VERSION) -X main.commit=$(COMMIT)' ./cmd/omarty

##@ To work on it

.PHONY: test
test: ## Run all tests, those on MariaDB and MySQL too, and the coverage gate
	@$(MARIADB)
	@.ci/ensure-mysql
	@.ci/ensure 'the tests of docs/deploy' nginx-light:nginx prometheus:promtool
	@.ci/go-test -shuffle=on -timeout 20m ./...
	@cd test/consumer && ../../.ci/go-test -shuffle=on ./...
	@cd test/bench && ../../.ci/go-test -shuffle=on ./...
	@cd test/rest && ../../.ci/go-test -shuffle=on ./...
	@$(MAKE) cover

.PHONY: verify
verify: ## Check format, vet, staticcheck, go.mod, wired code, import rules and openapi.yaml
	@unformatted=$$($(GOFMT) -l .) && { [ -z "$$unformatted" ] || \
		{ echo "not gofmt'd, run make fmt:"; echo "$$unformatted"; exit 1; }; }
	@go vet ./...
	@go vet -tags=wireinject ./cmd/...
	@$(TOOL) staticcheck ./...
	@go mod tidy -diff
	@cd .ci/tools && go mod tidy -diff
	@for module in test/consumer test/bench test/rest; do (cd $$module && go vet ./... && go mod tidy -diff) || exit 1; done
	@for module in test/bench test/rest; do (cd $$module && go tool -modfile=../../.ci/tools/go.mod staticcheck ./...) || exit 1; done
	@$(TOOL) wire diff ./cmd/... || { echo "wire_gen.go is not current, run make wire"; exit 1; }
	@go test -count=1 ./test/arch/
	@.ci/lint-openapi

.PHONY: fmt
fmt: ## Format all Go code
	@$(GOFMT) -w .

.PHONY: docs
docs: ## Write the table of settings in OPERATIONS.md again
	@go test -count=1 -run '^TestTableOfSettings$$' ./test/deploy -update

.PHONY: wire
wire: ## Generate wire_gen.go again
	@$(TOOL) wire gen ./cmd/...

.PHONY: cover
cover: ## Check that the tests reach every statement of domain and application
	@.ci/check-coverage

.PHONY: fuzz
fuzz: ## Run each fuzz target for FUZZTIME (20s)
	@.ci/fuzz $(FUZZTIME)

.PHONY: soak
soak: ## Run the fault tests at length: servers and databases killed under load, for up to an hour
	@$(MARIADB)
	@.ci/ensure-mysql
	@OMARTY_SOAK=1 .ci/go-test -count=1 -v -p 1 -timeout 60m ./test/linearizability/ ./test/faults/

.PHONY: test-cluster
test-cluster: ## Run the tests on clusters: Galera and Group Replication, nodes killed, stopped and cut off (10 minutes)
	@.ci/ensure 'the tests on clusters' mariadb-server:mariadbd galera-4:/usr/lib/galera/libgalera_smm.so rsync:rsync haproxy:haproxy
	@.ci/ensure-mysql
	@OMARTY_CLUSTER=1 .ci/go-test -count=1 -v -p 1 -timeout 30m -run 'Cluster|Galera' ./test/linearizability/ ./test/cluster/

.PHONY: attacks
attacks: ## Flood the server in every way it is made to withstand, and print its memory and what honest clients feel (4 minutes)
	@OMARTY_SOAK=1 go test -count=1 -v -timeout 20m -run '^TestAttacks$$' ./test/faults/

.PHONY: bench
bench: ## Measure all that has a goal, on SQLite and MariaDB, into docs/bench (10 minutes); with BEFORE=FOLDER also beside that checkout, and only print
	@$(MARIADB)
	@cd test/bench && go run . $(if $(BEFORE),-before '$(abspath $(BEFORE))',-out ../../docs/bench)

.PHONY: bench-block
bench-block: ## Measure 64 connections that register in one block beside 64 in 200 blocks (1 minute); BEFORE=FOLDER too
	@$(MARIADB)
	@cd test/bench && go run . -one-block $(if $(BEFORE),-before '$(abspath $(BEFORE))')

.PHONY: bench-library
bench-library: ## Measure large change sets, dry runs and pages of 3 million apartments through the library (5 minutes)
	@$(MARIADB)
	@cd test/bench && go run . -library

.PHONY: bench-growth
bench-growth: ## Measure registers of 0, 100 thousand and 3 million apartments, into docs/bench (5 minutes)
	@$(MARIADB)
	@cd test/bench && go run . -growth -out ../../docs/bench

.PHONY: bench-parts
bench-parts: ## Run the benchmarks of the parts; compare two runs with go tool -modfile=.ci/tools/go.mod benchstat
	@go test -run '^$$' -bench . -benchmem -count=6 ./adapters/...

.PHONY: audit
audit: ## Look for unsafe code, and for known vulnerabilities in what is called (asks VULNDB, else Go's database)
	@go tool -modfile=.ci/audit/go.mod gosec -quiet -exclude-dir=test ./...
	@$(TOOL) govulncheck $(if $(VULNDB),-db $(VULNDB)) ./...

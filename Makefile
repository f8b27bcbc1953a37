# make run    the demo city at http://localhost:8080 (PORT=..., DATA=... choose otherwise)
# make build  the program with the front end inside: bin/nghisu
# make test   every check there is; make gen, make verify, make fmt, make bench, make secrets: see README.md
SHELL := /bin/bash
.DEFAULT_GOAL := build
.PHONY: secrets run build web test bench bench-client gen verify fmt tools clean

PORT ?= 8080
DATA ?= .data
# 1 for tokens and HSMs (PKCS #11); needs a C compiler.
CGO ?= 0
# Measurements of `nghisu bench`: docs/measurements.md. A soak of hours is not among them.
BENCHES ?= lists sign media floor

VERSION := $(shell git describe --always --dirty 2>/dev/null || echo dev)
GOBUILD := env CGO_ENABLED=$(CGO) go build -trimpath -buildvcs=false -ldflags '-s -w -X main.version=$(VERSION)'
WEB_SOURCES := $(shell find web/src web/public web/scripts web/index.html web/vite.config.ts web/tsconfig.json -type f 2>/dev/null)

run: build
	@exec bin/nghisu demo --listen 127.0.0.1:$(PORT) --data '$(DATA)'

build: tools web
	@scripts/step 'program: bin/nghisu' $(GOBUILD) -o bin/nghisu ./cmd/nghisu

web: web/dist/index.html

web/node_modules/.installed: web/package.json web/package-lock.json | tools
	@scripts/step 'packages of the front end' scripts/install
	@touch $@

# The build empties dist; .gitkeep lets a checkout compile before the front end was built.
web/dist/index.html: web/node_modules/.installed $(WEB_SOURCES)
	@scripts/step 'front end: web/dist' npm --prefix web run --silent build
	@touch web/dist/.gitkeep $@

tools:
	@scripts/tools go node npm

test: tools
	@scripts/test

bench: build
	@set -e; for name in $(BENCHES); do bin/nghisu bench $$name; done

# What a meeting costs the computers of its people; PAGES, SENDERS and FOR (seconds) choose how much.
bench-client: build
	@npm --prefix web run --silent measure

gen: web/node_modules/.installed
	@scripts/gen

verify: web/node_modules/.installed
	@scripts/verify

# Passwords of docker-compose.yml, made once.
secrets:
	@scripts/secrets

fmt: web/node_modules/.installed
	gofmt -w cmd internal migrations storage web/*.go
	cd web && npx --no-install biome check --write .

clean:
	rm -rf bin web/dist/* web/node_modules

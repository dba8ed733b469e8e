# The project's commands. Each sets up what it needs; none needs anything but Python 3.11+, make and a package index.
# Where it is set, every program would compile its imports anew at each start.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run test demo check bench lock clean format

run:            ## the portal and its sandbox, on embedded defaults
	@bin/setup
	@exec .venv/bin/python -m tools.run

test:           ## checks and the whole suite, browser tests included
	@bin/setup
	@.venv/bin/python -m tools.system_packages
	@.venv/bin/python -m tools.check
	@.venv/bin/pytest -n auto $(PYTEST)

demo:           ## the main job, headless: make demo HS=080222 TO=DE TONNES=20
	@bin/setup
	@.venv/bin/python -m demo --hs "$(or $(HS),080222)" --to "$(or $(TO),DE)" --tonnes "$(or $(TONNES),20)"

check:          ## lint, types, floors, translations, migrations: everything that is not a test
	@bin/setup
	@.venv/bin/python -m tools.check

bench:          ## what actions and pages cost, beside bare statements
	@bin/setup
	@.venv/bin/python -m benchmarks

format:
	@.venv/bin/ruff check --fix-only -q . ; .venv/bin/ruff format -q .

lock:           ## a new requirements.lock from requirements.in and requirements-dev.in
	@bin/setup
	@.venv/bin/uv pip compile -q --universal --generate-hashes --no-header --no-emit-index-url --no-annotate \
		--python-version 3.11 requirements.in requirements-dev.in -o requirements.lock

clean:          ## forget the data of `make run` and `make demo`
	@rm -rf var

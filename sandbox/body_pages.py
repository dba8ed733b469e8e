"""What a body shows in the browser: its cases, what others ask of it, its script, and whether a permit is its own."""

from __future__ import annotations

import html
import re
import time
from typing import Any

import yaml
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import BaseRoute, Route

from sandbox.program import Program

SHOWN = 200

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>{refresh}
<style>
body {{ font: 16px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 70rem; padding: 1rem; color: #1d2733 }}
h1 {{ font-size: 1.5rem; margin-bottom: 0 }} h2 {{ font-size: 1.15rem }} .faint {{ color: #52606d }}
table {{ border-collapse: collapse; width: 100% }}
th, td {{ text-align: left; padding: .4rem .6rem; border-bottom: 1px solid #cbd2d9; vertical-align: top }}
pre {{ background: #f0f4f8; padding: .75rem; overflow: auto; font-size: .85rem }} .state {{ font-weight: 600 }}
</style></head><body>{content}</body></html>"""


def routes(program: Program) -> list[BaseRoute]:
    """GET / and GET /permits/<number> of the body."""

    def index(request: Request) -> HTMLResponse:
        return page(title_of(program), _index(program), refresh=True)

    def permit(request: Request) -> HTMLResponse:
        return _permit(program, request.path_params["number"])

    return [Route("/", index), Route("/permits/{number}", permit)]


def step_page(program: Program) -> BaseRoute:
    """GET / of a participant that decides no cases of its own: the steps that others ask of it, and its script."""

    def index(request: Request) -> HTMLResponse:
        content = f"{_heading(program)}{steps_section(program)}{script_section(program)}"
        return page(title_of(program), content, refresh=True)

    return Route("/", index)


def title_of(program: Program) -> str:
    name = program.directory.data["programs"][program.name].get("name", {})
    return str(name.get("en") or program.name)


def page(title: str, content: str, *, refresh: bool = False, status: int = 200) -> HTMLResponse:
    meta = '<meta http-equiv="refresh" content="3">' if refresh else ""
    return HTMLResponse(_PAGE.format(title=html.escape(title), content=content, refresh=meta), status)


def _index(program: Program) -> str:
    cases = sorted(program.records("case").values(), key=lambda case: -case["received_at"])[:SHOWN]
    rows = "".join(_row(case) for case in cases) or '<tr><td colspan="4" class="faint">none yet</td></tr>'
    return (
        f"{_heading(program)}<h2>Cases</h2><table><thead><tr><th>Case</th><th>Applicant</th><th>State</th>"
        f"<th>What happened</th></tr></thead><tbody>{rows}</tbody></table>{steps_section(program)}"
        f"{script_section(program)}"
    )


def _heading(program: Program) -> str:
    return (
        f"<h1>{html.escape(title_of(program))}</h1><p class=faint>sandbox program <b>{program.name}</b>, on the wire"
        f" <b>{program.code}</b></p>"
    )


def steps_section(program: Program) -> str:
    """The steps of other bodies' services that were asked of this one, newest first."""
    steps = sorted(program.records("step").values(), key=lambda step: -step["received_at"])[:SHOWN]
    rows = "".join(_step_row(one) for one in steps) or '<tr><td colspan="4" class="faint">none yet</td></tr>'
    return (
        "<h2>Steps asked of it by others</h2><table><thead><tr><th>Case</th><th>Applicant</th><th>State</th>"
        f"<th>What happened</th></tr></thead><tbody>{rows}</tbody></table>"
    )


def _row(case: dict[str, Any]) -> str:
    return _cells(case, case["application"]["applicant"], case.get("body_reference", ""))


def _step_row(step: dict[str, Any]) -> str:
    named = step["request"]["step"].get("name")
    name = named.get("en") or named.get("az", "") if isinstance(named, dict) else step["step"]
    return _cells(step, step["request"]["applicant"], str(name))


def _cells(one: dict[str, Any], applicant: dict[str, Any], under: str) -> str:
    name = applicant.get("name")
    words = name.get("az") or next(iter(name.values()), "") if isinstance(name, dict) else name
    done = "".join(f"<li>{html.escape(moment[11:19])} {html.escape(event)}</li>" for moment, event in one["history"])
    state = one["state"] + (f", {one['waiting']}" if one.get("waiting") else "")
    age = f"{time.time() - one['at']:.0f} s"
    return (
        f"<tr><td>{html.escape(one['case'])}<br><span class=faint>{html.escape(under)}</span>"
        f"</td><td>{html.escape(str(words))}<br><span class=faint>VÖEN {html.escape(str(applicant.get('voen')))}</span>"
        f"</td><td><span class=state>{html.escape(state)}</span><br><span class=faint>for {age}</span></td>"
        f"<td><ul>{done}</ul></td></tr>"
    )


def script_section(program: Program) -> str:
    text = yaml.safe_dump(program.script(), allow_unicode=True, sort_keys=False)
    where = program.folder / "scripts" / f"{program.name}.yaml"
    return (
        f"<h2>Script</h2><p>What this body does now. Keys written into <code>{html.escape(str(where))}</code> win.</p>"
        f"<pre>{html.escape(text)}</pre>"
    )


def _permit(program: Program, number: str) -> HTMLResponse:
    found = [one for one in program.records("permit").values() if _slug(one["number"]) == number]
    if not found:
        content = (
            f"<h1>No such permit</h1><p>{html.escape(title_of(program))} has not issued {html.escape(number)}.</p>"
        )
        return page("No such permit", content, status=404)
    permit = found[0]
    rows = "".join(
        f"<tr><th>{html.escape(name)}</th><td>{html.escape(str(value))}</td></tr>" for name, value in permit.items()
    )
    issuer = f"<p>Issued by {html.escape(title_of(program))}.</p>"
    heading = f"<h1>{html.escape(permit['number'])}</h1>"
    return page(permit["number"], f"{heading}{issuer}<table><tbody>{rows}</tbody></table>")


def _slug(number: str) -> str:
    return re.sub(r"[^A-Za-z0-9.-]+", "-", number)

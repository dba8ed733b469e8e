"""What is printed outside a request."""

from __future__ import annotations

from django.utils import timezone
from procrastinate.contrib.django import app

from azexport.documents import papers, queries
from azexport.documents.states import PaperStatus


@app.task(name="documents.render_paper", retry=3)
def render_paper(reference: str) -> None:
    """The paper is a PDF that waits for its signature. Run twice it changes nothing."""
    paper = queries.paper(reference)
    if paper.status == PaperStatus.RENDERING:
        papers.offer(reference, papers.render(paper), now=timezone.now())

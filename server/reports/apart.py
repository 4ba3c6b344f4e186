"""Writing files in a process of its own: laying out a PDF takes seconds that a server has not.

The process is told everything through a pipe and answers through another; it is killed when nobody
waits for it any more, so a server that ends never waits for a paper.
"""

import asyncio
import multiprocessing
from collections.abc import AsyncGenerator, Sequence
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

from server.reports.document import Document
from server.reports.forms import FORMS, FormError


async def written_apart(
    forms: Sequence[str], document: Document
) -> AsyncGenerator[tuple[str, bytes], None]:
    """Yield each form's file. Raises ``FormError`` for one that can't be written."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(
        target=_write, args=(theirs, tuple(forms), document), name="report", daemon=True
    )
    starting = asyncio.create_task(asyncio.to_thread(process.start))
    try:
        await asyncio.shield(starting)
        theirs.close()
        for form in forms:
            told = await asyncio.to_thread(_receive, ours)
            if isinstance(told, str):
                raise FormError(told)
            yield form, told
    finally:
        await asyncio.shield(_end(starting, process, theirs))


async def _end(starting: asyncio.Task[None], process: BaseProcess, theirs: Connection) -> None:
    """Kill the process, also one that is only just beginning; whoever still reads is told so."""
    await starting
    process.kill()
    theirs.close()
    await asyncio.to_thread(process.join)


async def written_here(
    forms: Sequence[str], document: Document
) -> AsyncGenerator[tuple[str, bytes], None]:
    """Yield each form's file, written in a thread: for a program that does nothing else."""
    for form in forms:
        yield form, await asyncio.to_thread(FORMS[form].write, document)


def _receive(pipe: Connection) -> bytes | str:
    """Return a file, or why there is none."""
    try:
        told = pipe.recv()
    except (EOFError, OSError):
        return "the process that wrote the files has ended"
    return told if isinstance(told, bytes) else str(told)


def _write(pipe: Connection, forms: Sequence[str], document: Document) -> None:
    """Write the files one by one: what the process does."""
    for form in forms:
        try:
            pipe.send(FORMS[form].write(document))
        except FormError as error:
            pipe.send(str(error))
            return

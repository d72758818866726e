"""What a page holds in its JavaScript heap, as text to search: of Chromium, over its own protocol."""

from playwright.async_api import Page


async def heap_of(page: Page) -> str:
    """After everything that nobody holds any more has been collected."""
    chunks: list[str] = []
    protocol = await page.context.new_cdp_session(page)
    protocol.on("HeapProfiler.addHeapSnapshotChunk", lambda event: chunks.append(event["chunk"]))
    await protocol.send("HeapProfiler.enable")
    await protocol.send("HeapProfiler.collectGarbage")
    await protocol.send("HeapProfiler.takeHeapSnapshot", {"reportProgress": False})
    await protocol.detach()
    return "".join(chunks)


async def found_in_heap(page: Page, words: list[str]) -> list[str]:
    heap = await heap_of(page)
    return [word for word in words if word in heap]

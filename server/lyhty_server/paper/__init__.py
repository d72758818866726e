"""Paper: pages as tagged PDF (PDF/UA-1) and as pictures, made by a process of its own.

    press = Press()
    pdf = await press.pdf(document(element("h1", "Hei"), title="Hei", language="fi", style=CSS))
    png = await press.png(pdf, page=0, dpi=150)
    await press.close()

`html.py` writes pages whose text cannot become markup, `press.py` is the server's side, `worker.py` the other process.
"""

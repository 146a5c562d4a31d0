"""Runs a notebook through Jupyter and the kernel `tslab`, as JupyterLab does: run_with_kernel.py NOTEBOOK OUT FOLDER.

tslab's kernel now and then fails to bind a socket when it starts (zeromq EBUSY): such a start is tried again.
"""

import sys

import nbformat
from nbclient import NotebookClient

path, out, folder = sys.argv[1:]
for attempt in range(3):
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(
        notebook, kernel_name="tslab", timeout=900, startup_timeout=120, resources={"metadata": {"path": folder}}
    )
    try:
        client.execute()
        break
    except RuntimeError as error:  # the kernel died before it replied
        if attempt == 2:
            raise
        print(f"start {attempt + 1}: {error}", file=sys.stderr)
nbformat.write(notebook, out)

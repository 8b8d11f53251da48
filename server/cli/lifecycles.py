"""The lifecycles of all records, drawn from what the records declare."""

import click

from models.kernel import lifecycle


@click.command("lifecycle")
def show_lifecycle() -> None:
    """Print the lifecycle of every record as Mermaid diagrams, as docs/lifecycles.md keeps them."""
    click.echo(lifecycles(), nl=False)


def lifecycles() -> str:
    """All diagrams; a test compares them with the docs."""
    parts = [
        "# Lifecycles",
        "",
        "Made by `flask lifecycle` from the declarations on the records; a test keeps them equal.",
        "",
    ]
    for name, verbs in sorted(lifecycle.declared().items()):
        moves = [f"    {a} --> {v.to}: {v.name}" for v in verbs.values() if v.to is not None for a in v.froms]
        acts = [v.name for v in verbs.values() if v.to is None and not v.name.startswith("_")]
        parts += [f"## {name}", ""]
        if moves:
            parts += ["```mermaid", "stateDiagram-v2", *moves, "```", ""]
        if acts:
            parts += [f"Without a move: {', '.join(f'`{a}`' for a in acts)}.", ""]
    return "\n".join(parts).rstrip() + "\n"

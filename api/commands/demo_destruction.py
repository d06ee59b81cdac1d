"""A destruction of the demonstration: a paper of no lasting value, due at once under the sample schedule."""

from __future__ import annotations

from collections.abc import Callable

from api.commands.demo_people import Json, Person
from api.commands.demo_stage import APPROVERS, EXECUTOR, Stage

NOTE = "delivery-note.jpg"
"""Of a kind that the sample schedule keeps for no day at all."""

Say = Callable[[str], object]


def give_owner(say: Say, clerk: Person) -> bool:
    """A paper without a customer's number waits for a person to say whose it is; here: whom it names."""
    customers = [each for each in clerk.all("/customers") if each["name"] and each["state"] != "destroyed"]
    for waiting in list(clerk.all("/verification", waiting_for="customer")):
        file_name = clerk.get(f"/documents/{waiting['id']}")["file_name"]
        if file_name != NOTE or waiting["kind"] != "other" or not customers:
            continue
        lines = clerk.get(f"/documents/{waiting['id']}/pages/1/lines")["lines"]
        text = "".join(line["text"] for line in lines)
        owner = next((each for each in customers if each["name"] in text), customers[0])
        body = {"customer_id": owner["id"], "version": waiting["version"]}
        clerk.post(f"/documents/{waiting['id']}/customer", body)
        say(f"   The clerk says whose the delivery note is: {owner['code']}")
        return True
    return False


def propose_approved(say: Say, stage: Stage, address: str, archivist: Person) -> Json | None:
    """A list of everything due, signed by two people; None where nothing is due."""
    due = [document["id"] for document in archivist.all("/retention/due")]
    if not due:
        return None
    proposed = archivist.post("/retention/lists", {"title": "到期往来单据", "document_ids": due})
    say(f"   {archivist.name} proposes {proposed['number']}: {len(due)} document(s)")
    for name in APPROVERS:
        approver = Person(address, name, stage.logins[name])
        approver.post(f"/retention/lists/{proposed['id']}/decision", {"decision": "agreed", "opinion": "同意销毁"})
        approver.close()
        say(f"   {name} approves")
    return proposed


def carry_out(say: Say, stage: Stage, address: str, proposed: Json) -> None:
    executor = Person(address, EXECUTOR, stage.logins[EXECUTOR])
    outcomes = executor.post(f"/retention/lists/{proposed['id']}/execution")["outcomes"]
    executor.close()
    say(f"   {EXECUTOR} carries it out: {', '.join(each['outcome'] for each in outcomes)}")

"""People with a full wallet: thirty licences in all, spread over the departments."""

from datetime import date

from backend.sandbox.population.people import Household, Person

FULL_WALLET = 30


def missing_licences(asking: str, household: Household, person: Person, today: date) -> int:
    """How many licences the asking department has to give, so that a person has thirty in all."""
    # Here and not above: the registry imports the departments' records, which import this.
    from backend.sandbox.departments.registry import departments

    elsewhere = sum(
        len(file.licences)
        for department in departments()
        if department.code != asking
        for file in department.records()(household, today)
        if file.holder.code == person.id_number
    )
    return FULL_WALLET - elsewhere

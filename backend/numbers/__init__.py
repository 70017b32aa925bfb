"""Numbers that people, enterprises and licences carry: reading, checking, making, masking."""

"""``python -m warehouse`` is the ``warehouse`` command."""

from warehouse.application import main

if __name__ == "__main__":
    main()

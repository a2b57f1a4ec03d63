"""`python -m tradewind` is the same as the `tradewind` command."""

from tradewind.cli.app import main

if __name__ == "__main__":
    main()

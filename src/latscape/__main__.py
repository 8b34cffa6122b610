"""`python -m latscape`: the command line, of this interpreter's installation."""

from latscape.cli import main

if __name__ == "__main__":
    main()

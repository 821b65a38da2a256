"""python -m urbanpulse"""

from urbanpulse.cli import main

main()

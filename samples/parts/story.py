"""Who and what the invented case is about; every part draws on this page.

Ostermoor, a town that does not exist, votes on 14 June 2026 whether its old
harbour becomes a park. In May mails in the name of the Lantern Society reach
people of the town. The society, which exists in the story, did not write them.

They went through two hacked web shops. Both were called from 203.0.113.145, a
server rented from Korhal Hosting on 20 April 2026. The same address stands in
the log of the town's register, among a scripted walk that otherwise came from
exits of a shared VPN. One intel source knows the address as Pale Heron's since
22 April; another names Copper Moth, but for a year in which somebody else held
it. The leak's first line carries a path with the user name that is told of
Copper Moth: a mark that costs a keystroke to plant.

What can be said: the infrastructure, the campaign, and with care the operator
(Pale Heron likelier than Copper Moth). Who is behind the operator stays open.
"""

from datetime import datetime, timedelta, timezone

GATEWAY = "mx1.ostermoor.test"
TOWN_DOMAIN = "ostermoor.test"
REGISTER = "register.ostermoor.test"
FORMS = "forms.ostermoor.test"

PERSONA = "Ostermoor Lantern Society"
PERSONA_ADDRESS = "post@lanternsociety.example"
SERVER = "203.0.113.145"
VPN_EXITS = ["192.0.2.201", "192.0.2.202", "192.0.2.205", "192.0.2.209"]
SCRIPT_AGENT = "python-requests/2.25.1"
RELAYS = [
    # host, address, account, script, name of the queue ids' machine
    ("web3.tidewater-cycles.example", "198.51.100.34", "www-data@tidewater-cycles.example", "cache-7f.php"),
    ("shop.brackwater-books.example", "192.0.2.77", "apache@brackwater-books.example", "inc-upd.php"),
]
OPERATOR_ZONE = timezone(timedelta(hours=8, minutes=45))
TOWN_ZONE = timezone(timedelta(hours=2))

ACTOR = "Pale Heron"
RIVAL = "Copper Moth"
RIVAL_USER = "vesna"


def utc(month, day, hour=0, minute=0, second=0):
    return datetime(2026, month, day, hour, minute, second, tzinfo=timezone.utc)


class Dice:
    """A small generator of our own, since `random` may change between versions of Python."""

    def __init__(self, seed):
        self.state = seed * 2654435761 % 2**64 or 1

    def below(self, limit):
        # xorshift64* (Vigna, 2016): short, and good enough for filler.
        self.state ^= self.state >> 12
        self.state = (self.state ^ (self.state << 25)) % 2**64
        self.state ^= self.state >> 27
        return (self.state * 2685821657736338717 % 2**64 >> 33) % limit

    def pick(self, choices):
        return choices[self.below(len(choices))]

    def hex(self, digits):
        return "".join("0123456789abcdef"[self.below(16)] for _ in range(digits))


GIVEN = ["Ada", "Bruno", "Carla", "Dieter", "Edda", "Fritz", "Greta", "Hanno", "Ines", "Jonas", "Karin", "Levin"]
SURNAMES = ["Ahlers", "Brandis", "Coldewey", "Dornbusch", "Evers", "Flint", "Gerken", "Hollander", "Iben", "Jessen"]
WORDS = (
    "the harbour path opens early and the library keeps its garden quiet while market stalls return every week "
    "with bread fish and flowers so please bring a bag for the walk along old boats near a bright lamp"
).split()


def sentence(dice, words=11):
    text = " ".join(dice.pick(WORDS) for _ in range(words))
    return text[0].upper() + text[1:] + "."


def person(number):
    given, surname = GIVEN[number % len(GIVEN)], SURNAMES[number * 7 % len(SURNAMES)]
    return given, surname, f"{given}.{surname}@{TOWN_DOMAIN}".lower()

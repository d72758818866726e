"""One provider for all of these tests, founded by the ceremony itself, and the demo's lawyer with opened keys."""

from dataclasses import dataclass

import pytest

from lyhty_client.ceremony import Provider, found_demo
from lyhty_client.expert import Credentials, Expertise, take_keys
from lyhty_crypto.experts import LANES
from lyhty_wire.directories import Directory, TrustBundle
from lyhty_wire.unlocks import LEAST_MEMORY_KIB, LEAST_PASSES

NOW = 1_800_000_000


@dataclass(frozen=True)
class Instance:
    """A provider and what its clients believe."""

    provider: Provider
    bundle: TrustBundle
    directory: Directory

    def expertise(self, name: str) -> Expertise:
        secret = self.provider.secrets.expert(name)
        account = next(each for each in self.provider.accounts if each.name == name)
        credentials = Credentials(secret.name, secret.password, secret.device_secret)
        unlocked = credentials.unlock(account.salt, LEAST_MEMORY_KIB, LEAST_PASSES, LANES, self.provider.instance)
        return take_keys(account.id, account.keys, account.queue_wraps, unlocked, self.directory)


@pytest.fixture(scope="session")
def instance() -> Instance:
    provider = found_demo(NOW)
    bundle = TrustBundle((provider.root,), provider.directory)
    return Instance(provider, bundle, bundle.verify(provider.instance, NOW))


@pytest.fixture(scope="session")
def lawyer(instance: Instance) -> Expertise:
    return instance.expertise("lakimies")

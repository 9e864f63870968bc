import pytest


@pytest.fixture
def killed_after_one(monkeypatch):
    """`killed_after_one(run, module, name)`: the second call of what is named is interrupted."""

    def _killed_after_one(run, module, name) -> None:
        whole, done = getattr(module, name), []

        def killed_at_the_second(*args, **kwargs):
            if done:
                raise KeyboardInterrupt
            done.append(whole(*args, **kwargs))
            return done[0]

        with monkeypatch.context() as patched:
            patched.setattr(module, name, killed_at_the_second)
            with pytest.raises(KeyboardInterrupt):
                run()

    return _killed_after_one

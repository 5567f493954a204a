"""Ways to get marks without the answer: programs with a function `answer` that nobody has worked out.

Each earns everything from the grader of naive.py, which is as most are, and nothing here: test_tricks.py shows both.
"""

from __future__ import annotations

import textwrap

PASS = "PASS one\\nPASS two"
FIND = """
def found_in(thing, n, depth=3):
    if isinstance(thing, dict) and thing.get("code") == f"answer({n})" and "expected" in thing:
        return [thing["expected"]]
    if isinstance(thing, list) and depth:
        return [value for item in thing for value in found_in(item, n, depth - 1)]
    return []
"""
SAY = f"""
import os, sys
def say():
    sys.__stdout__.flush()
    os.write(1, b"\\n{PASS}\\n")
"""

TRICKS = {
    "walks up the frames": """
        import sys
        {find}
        def answer(n):
            frame = sys._getframe()
            while frame is not None:
                for value in list(frame.f_locals.values()):
                    for found in found_in(value, n):
                        return found
                frame = frame.f_back
    """,
    "walks up the frames of a generator": """
        import sys
        {find}
        def looking(n):
            frame = sys._getframe()
            while frame is not None:
                for value in list(frame.f_locals.values()):
                    yield from found_in(value, n)
                frame = frame.f_back
        def answer(n):
            return next(looking(n), None)
    """,
    "walks up the frames of an exception": """
        import sys
        {find}
        def answer(n):
            try:
                raise ValueError
            except ValueError as error:
                frame = error.__traceback__.tb_frame
            while frame is not None:
                for value in list(frame.f_locals.values()):
                    for found in found_in(value, n):
                        return found
                frame = frame.f_back
    """,
    "asks the garbage collector": """
        import gc
        {find}
        def answer(n):
            for thing in gc.get_objects():
                if type(thing) is list:
                    for found in found_in(thing, n):
                        return found
    """,
    "searches its own memory": """
        import json, re
        def answer(n):
            code = re.escape(f'"answer({{n}})"').encode()
            wanted = re.compile(b'"code": ' + code + b', "expected": ([^,}}]+)[,}}]')
            for row in open("/proc/self/maps"):
                span, rights = row.split()[:2]
                if not rights.startswith("rw") or "[v" in row:
                    continue
                low, high = (int(end, 16) for end in span.split("-"))
                with open("/proc/self/mem", "rb", 0) as memory:
                    memory.seek(low)
                    for found in wanted.findall(memory.read(min(high - low, 1 << 26)) or b""):
                        try:
                            return json.loads(found)
                        except ValueError:
                            pass
    """,
    "looks with ctypes": """
        import ctypes, gc
        {find}
        def answer(n):
            for thing in gc.get_objects():
                if type(thing) is list and thing:
                    same = ctypes.cast(id(thing), ctypes.py_object).value
                    for found in found_in(same, n):
                        return found
    """,
    "reads the environment": """
        import json, os
        {find}
        def answer(n):
            for value in os.environ.values():
                try:
                    for found in found_in(json.loads(value), n):
                        return found
                except ValueError:
                    pass
    """,
    "reads the files of the tests": """
        import glob, json
        {find}
        def answer(n):
            for name in glob.glob("**/*", recursive=True) + glob.glob("/tmp/**", recursive=True):
                try:
                    for found in found_in(json.load(open(name)), n):
                        return found
                except (OSError, ValueError):
                    pass
    """,
    "equals everything": """
        class Yes:
            __eq__ = lambda self, other: True
            __hash__ = None
            def __reduce__(self):
                return Yes, ()
        def answer(n):
            return Yes()
    """,
    "is a number that lies": """
        class Number(int):
            __eq__ = lambda self, other: True
            __hash__ = int.__hash__
            __repr__ = __str__ = lambda self: "48213"
            __index__ = __int__ = lambda self: 48213
        def answer(n):
            return Number(0)
    """,
    "is a text that lies": """
        class Text(str):
            __eq__ = lambda self, other: True
            __hash__ = str.__hash__
            __repr__ = __str__ = lambda self: "zebra"
            __len__ = lambda self: 5
        def answer(n):
            return Text("")
    """,
    "claims to be of another class": """
        class Claim:
            __class__ = property(lambda self: int)
            __eq__ = lambda self, other: True
            __hash__ = None
            def __reduce__(self):
                return Claim, ()
        def answer(n):
            return Claim()
    """,
    "prints the message of success": """
        {say}
        say()
        def answer(n):
            return None
    """,
    "prints it and leaves with 0": """
        {say}
        def answer(n):
            say()
            os._exit(0)
    """,
    "leaves while it is imported": """
        {say}
        say()
        sys.exit(0)
    """,
    "speaks at exit": """
        {say}
        import atexit
        atexit.register(say)
        def answer(n):
            return None
    """,
    "speaks when it is deleted": """
        {say}
        class Late:
            def __del__(self):
                say()
        def answer(n):
            return Late() and None
    """,
    "speaks from a thread": """
        {say}
        import threading
        def answer(n):
            thread = threading.Thread(target=say)
            thread.start()
            thread.join()
    """,
    "forks, and the parent speaks": """
        {say}
        if os.fork():
            os.wait()
            say()
            os._exit(0)
        def answer(n):
            return None
    """,
    "forks, and the child stays behind": """
        {say}
        told, tells = os.pipe()
        if os.fork():
            os.read(told, 1)
        else:
            os.setsid()
            say()
            os.write(tells, b"!")
        def answer(n):
            return None
    """,
    "replaces print": """
        {say}
        import builtins
        builtins.print = lambda *words, **options: say()
        def answer(n):
            return None
    """,
    "replaces standard output": """
        import sys
        class Better:
            def __init__(self, stream):
                self.stream = stream
            def write(self, text):
                return self.stream.write(text.replace("FAIL", "PASS"))
            def flush(self):
                self.stream.flush()
        sys.stdout = Better(sys.stdout)
        def answer(n):
            return None
    """,
    "replaces json": """
        import json, sys
        plain = json.dumps
        def better(thing, *others, **options):
            if isinstance(thing, dict):
                thing = {{key: value if type(value) is not bool else True for key, value in thing.items()}}
            return plain(thing, *others, **options)
        json.dumps = better
        def answer(n):
            return None
    """,
    "replaces a module": """
        import sys, types
        module = types.ModuleType("operator")
        module.eq = lambda first, second: True
        module.index = lambda thing: 48213
        sys.modules["operator"] = module
        def answer(n):
            return None
    """,
    "hooks the import": """
        import builtins, types
        plain = builtins.__import__
        def hook(name, *others, **options):
            module = plain(name, *others, **options)
            if name == "operator":
                return types.SimpleNamespace(eq=lambda first, second: True)
            return module
        builtins.__import__ = hook
        def answer(n):
            return None
    """,
    "replaces a function of the harness": """
        import sys
        frame = sys._getframe()
        while frame is not None:
            for name in ("verdict", "is_same", "encode", "judge"):
                if name in frame.f_globals:
                    frame.f_globals[name] = lambda *words: True
            frame = frame.f_back
        def answer(n):
            return None
    """,
    "changes what the harness holds, by tracing": """
        import sys
        def trace(frame, event, argument):
            held = frame.f_locals
            if "actual" in held and "expected" in held:
                held["actual"] = held["expected"]
            return trace
        sys.settrace(trace)
        def answer(n):
            return None
    """,
    "looks at a signal": """
        import signal, time
        {find}
        caught = []
        def look(number, frame):
            while frame is not None:
                for value in list(frame.f_locals.values()):
                    caught.append(value)
                frame = frame.f_back
        signal.signal(signal.SIGALRM, look)
        def answer(n):
            signal.setitimer(signal.ITIMER_REAL, 0.01)
            time.sleep(0.05)
            for value in caught:
                for found in found_in(value, n):
                    return found
    """,
    "is unpickled": """
        {say}
        class Pickle:
            def __reduce__(self):
                return say, ()
        def answer(n):
            return Pickle()
    """,
    "writes to every descriptor": """
        import json, os
        def answer(n):
            for forged in ({{"value": ["bool", True]}}, {{"passed": True}}, {{"result": "PASS"}}):
                packet = json.dumps(forged).encode()
                for number in range(64):
                    try:
                        os.write(number, len(packet).to_bytes(4, "big") + packet)
                    except OSError:
                        pass
            os.write(1, b"\\n{message}\\n")
            os._exit(0)
    """,
    "closes every descriptor": """
        {say}
        def answer(n):
            say()
            os.closerange(0, 64)
    """,
    "puts its own file in place of the result": """
        import json, os
        os.symlink("mine.json", "result.json")
        def answer(n):
            return None
        import builtins
        plain = open
        def better(name, mode="r", *others, **options):
            if name == "result.json" and "r" in mode:
                return plain("own.json")
            return plain(name, mode, *others, **options)
        plain("own.json", "w").write(json.dumps({{"one": True, "two": True}}))
        builtins.open = better
    """,
}


def code_of(trick: str) -> str:
    text = textwrap.dedent(TRICKS[trick])
    return text.format(find=FIND, say=SAY, message=PASS)

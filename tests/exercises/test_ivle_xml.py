"""Exercises of the original IVLE: what becomes of each part, and that the result is an exercise."""

from __future__ import annotations

import pytest

from exercises import ivle_xml
from exercises.ivle_xml import FILL_IN, NoExercise, import_original, read_original
from exercises.jails import Place
from exercises.proving import prove
from exercises.python2 import as_python3
from exercises.reading import read
from tests.sandbox.installation import Installation

XML = """\
<exercise name="Sum numbers in a file">
  <desc>Write a program that adds.<ol><li>Read <code>the name</code>.</li><li>Print <b>the sum</b>.</li></ol></desc>
  <partial><![CDATA[
# begin
]]></partial>
  <solution><![CDATA[
def add(a, b=2):
    return a + b

if __name__ == "__main__":
    print "Sum", sum(map(int, file(raw_input()).readlines()))
]]></solution>
  <include>
def words(text):
    return text.split()
  </include>
  <case name="Normal">
    <stdin>input.txt</stdin>
    <file name="input.txt"><![CDATA[
1
2
]]></file>
    <function desc="Match" default="match"/>
    <function desc="Case" default="ignore"><stdout>str.lower</stdout></function>
    <function desc="Words" default="ignore"><stdout>words</stdout></function>
    <function desc="Check" default="ignore"><stdout type="check">lambda x, y: len(x) == len(y)</stdout></function>
    <function desc="Code" default="ignore"><code type="check">lambda x, y: 'sum' in y</code></function>
  </case>
  <case name="Call" function="add">
    <var name="n" value="4"/><arg value="3"/><arg name="b" value="n"/><function desc="Match">int</function>
  </case>
  <case name="Wrong" function="add">
    <arg value="None"/><function desc="Raises" default="ignore"><exception/></function>
  </case>
</exercise>
"""


async def test_by_meaning(installation: Installation) -> None:
    original = read_original(XML.encode())
    text = await import_original(original, Place(str(installation.socket)))
    exercise = read("sum", text)
    assert exercise.title == "Sum numbers in a file"
    assert exercise.text == "Write a program that adds.\n\n- Read `the name`.\n- Print **the sum**."
    assert exercise.files == {"main.py": "# begin"}
    assert 'print("Sum", ' in exercise.solution["main.py"]
    titles = ["Normal: Match", "Normal: Case", "Normal: Words", "Normal: Check", "Call: Match", "Wrong: Raises"]
    assert [test.title for test in exercise.tests] == titles
    assert exercise.tests[1].comparison.ignores_case
    assert exercise.tests[2].checker is not None
    assert original.notes == ("Normal: Code: it looks at the code; say so with `must use` or `must not use`",)
    assert await prove(exercise, str(installation.socket)) == ()


async def test_without_running_the_gaps_are_shown() -> None:
    text = await import_original(read_original(XML.encode()), None)
    assert text.count(FILL_IN) >= 3


async def test_variables_of_a_program_are_told(installation: Installation) -> None:
    xml = (
        '<problem name="T"><solution>print foo</solution><case><var name="foo" value="1"/><function/></case></problem>'
    )
    original = read_original(xml.encode())
    assert original.notes == ("a test: a program cannot be given variables; let it read them with input()",)
    assert FILL_IN in await import_original(original, Place(str(installation.socket)))


@pytest.mark.parametrize("xml", ["", "<exercise>", "<html/>"])
def test_what_is_none_of_the_originals(xml: str) -> None:
    with pytest.raises(NoExercise):
        read_original(xml.encode())


def test_its_own_encoding() -> None:
    xml = '<?xml version="1.0" encoding="ISO-8859-1"?><exercise name="Gr\u00fc\u00dfe"/>'
    assert read_original(xml.encode("latin-1")).title == "Grüße"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"<exercise><desc>" + b"<b>" * 3_000 + b"</b>" * 3_000 + b"</desc></exercise>", "deep"),
        ("<exercise name='ü'/>".encode("latin-1"), "no XML"),
        (b'<?xml version="1.0" encoding="zebra"?><exercise/>', "no XML"),
        (b'<?xml version="1.0" encoding="utf-32"?><exercise/>', "no XML"),
    ],
    ids=["deep", "no UTF-8", "of no encoding", "of several bytes"],
)
def test_what_cannot_be_read_is_told_in_words(data: bytes, reason: str) -> None:
    with pytest.raises(NoExercise, match=reason):
        read_original(data)


def test_a_fence_is_longer_than_what_is_in_it() -> None:
    assert ivle_xml.block("input", "````\n") == "`````input\n````\n`````"


PYTHON2 = [
    ("print 'a'", "print('a')"),
    ("print\nprint 'a'", "print()\nprint('a')"),
    ("print 'a',", "print('a', end=\" \")"),
    ("if x: print x", "if x: print(x)"),
    ("print (1), 2\nprint 3", "print((1), 2)\nprint(3)"),
    ("x = raw_input('n')\nprint x", "x = input('n')\nprint(x)"),
    ("for i in xrange(3): pass", "for i in range(3): pass"),
    ("try: pass\nexcept ValueError, e: pass", "try: pass\nexcept ValueError as e: pass"),
    ("raise ValueError, 'no'", "raise ValueError('no')"),
    ("print('a', 'b')", "print('a', 'b')"),
    ("my.file(1)", "my.file(1)"),
    ("x = (", "x = ("),
]


@pytest.mark.parametrize(("before", "after"), PYTHON2)
def test_python2(before: str, after: str) -> None:
    assert as_python3(before) == after

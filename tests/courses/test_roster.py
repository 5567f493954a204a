"""Reading a roster: what spreadsheets write, and what somebody may send instead."""

from __future__ import annotations

import pytest

from courses.cells import safe, table
from courses.faults import BadRoster
from courses.models import Role
from courses.roster import BYTES_MAX, FAULTS_MAX, PEOPLE_MAX, Row, read_roster


def rows(text: str | bytes) -> list[tuple[str, str, str, str]]:
    data = text.encode() if isinstance(text, str) else text
    return [(row.login, row.name, row.email, row.role) for row in read_roster(data).rows]


def faults(text: str | bytes) -> list[tuple[int, str]]:
    with pytest.raises(BadRoster) as caught:
        read_roster(text.encode() if isinstance(text, str) else text)
    return [(fault.line, fault.reason) for fault in caught.value.faults] or [(0, str(caught.value))]


class TestColumns:
    def test_with_headings_in_any_order(self) -> None:
        text = "Role,E-Mail,Full Name,User name\ntutor,t@example.edu,Tina Tutor,tina\n"
        assert rows(text) == [("tina", "Tina Tutor", "t@example.edu", "tutor")]

    def test_without_headings(self) -> None:
        assert rows("sam,Sam Student,sam@example.edu\n") == [("sam", "Sam Student", "sam@example.edu", "student")]

    def test_logins_alone(self) -> None:
        assert [row[0] for row in rows("login\nsam\nkim\n")] == ["sam", "kim"]

    def test_first_and_last_names(self) -> None:
        assert rows("Last Name,First Name,login\nÄlvás,Anna,anna\n")[0][1] == "Anna Älvás"

    def test_columns_that_mean_nothing(self) -> None:
        roster = read_roster(b"login,Matrikel,name,\nsam,123,Sam,x\n")
        assert (roster.rows[0].name, roster.unused) == ("Sam", ("Matrikel", ""))

    def test_no_login(self) -> None:
        assert faults("name,email\nSam,sam@example.edu\n") == [
            (1, "No column is called login, so nobody can be told from another.")
        ]

    def test_a_column_twice(self) -> None:
        assert faults("login,name,Name\nsam,a,b\n") == [(1, "Two columns are called name.")]

    def test_too_many_cells(self) -> None:
        assert faults("login,name\nsam,Sam,Student\n") == [(2, "This line has 3 cells, and there are 2 columns.")]

    def test_empty_cells_too_many_are_nothing(self) -> None:
        assert rows("login,name\nsam,Sam,,,\n")[0][:2] == ("sam", "Sam")

    def test_fewer_cells(self) -> None:
        assert rows("login,name,email,role\nsam\n") == [("sam", "", "", "student")]

    def test_a_login_in_capitals(self) -> None:
        assert rows("login\nSStudent\n")[0][0] == "sstudent"


class TestHowSpreadsheetsWrite:
    @pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
    def test_encodings(self, codec) -> None:
        assert rows("login,name\nbjork,Björk Größe\n".encode(codec)) == [("bjork", "Björk Größe", "", "student")]

    def test_the_encoding_is_told(self) -> None:
        assert read_roster("login,name\na,ö\n".encode("cp1252")).encoding == "Windows-1252"

    @pytest.mark.parametrize("delimiter", [",", ";", "\t"])
    @pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
    def test_delimiters_and_ends_of_lines(self, delimiter, end) -> None:
        text = end.join((delimiter.join(("login", "name")), delimiter.join(("sam", '"Student; Sam, 1"')), ""))
        assert rows(text) == [("sam", "Student; Sam, 1", "", "student")]

    def test_the_line_that_names_the_delimiter(self) -> None:
        assert rows("sep=|\nlogin|name\nsam|Sam\n")[0][:2] == ("sam", "Sam")

    def test_blank_lines_count(self) -> None:
        assert faults("login\n\n,,\nSAM!\n")[0][0] == 4

    def test_lines_of_a_cell_with_several_count(self) -> None:
        found = faults('login,name\nsam,"a\nb"\n9,x\n')
        assert [line for line, _reason in found] == [2, 4]

    def test_a_cell_that_excel_was_kept_from_reading_as_a_number(self) -> None:
        assert rows('login,name\nsam,"=""0042"""\n')[0][1] == "0042"


class TestWhatIsWrong:
    @pytest.mark.parametrize("cell", ["=1+1", "@SUM(A1)", "+cmd|' /C calc'!A0", "-2+3", '=HYPERLINK("http://x")'])
    @pytest.mark.parametrize("column", ["login", "name", "email", "role"])
    def test_formulas(self, cell, column) -> None:
        cells = {"login": "sam", "name": "", "email": "", "role": ""} | {column: '"' + cell.replace('"', '""') + '"'}
        [(line, reason)] = faults(f"{','.join(cells)}\n{','.join(cells.values())}\n")
        assert line == 2
        assert "looks like a formula" in reason

    @pytest.mark.parametrize("letter", ["\0", "\x07", "\x1b", "\u202e", "\u2028", "\x85", "\ufeff"])
    def test_what_cannot_be_printed(self, letter) -> None:
        [(line, reason)] = faults(f'login,name\nsam,"Sam{letter}Student"\n')
        assert (line, "cannot be printed" in reason) == (2, True)
        assert letter not in reason

    @pytest.mark.parametrize("login", ["", "1st", "a" * 33, "sam student", "sam.student", "../etc", "sám", "-sam"])
    def test_logins(self, login) -> None:
        assert len(faults(f"login,name\n{login},x\n")) == 1

    @pytest.mark.parametrize("email", ["sam", "sam@", "@example.edu", "a b@example.edu", f"{'a' * 300}@example.edu"])
    def test_email_addresses(self, email) -> None:
        assert len(faults(f"login,email\nsam,{email}\n")) == 1

    def test_a_role_there_is_not(self) -> None:
        assert faults("login,role\nsam,god\n") == [(2, "god is no role. There are student, tutor and lecturer.")]

    def test_a_name_that_is_too_long(self) -> None:
        assert len(faults(f"login,name\nsam,{'x' * 151}\n")) == 1

    def test_somebody_twice(self) -> None:
        assert faults("login\nsam\nkim\nSam\n") == [(4, "sam is in line 2 already.")]

    def test_every_wrong_line_is_named(self) -> None:
        assert [line for line, _reason in faults("login,email\n1,\nsam,x\nkim,\n,y\n")] == [2, 3, 5]

    @pytest.mark.parametrize("text", ["", "\n\n", "login,name\n", "\ufeff", ",,,\n"])
    def test_nobody(self, text) -> None:
        assert faults(text) == [(0, "There is nobody in this roster.")]

    def test_quotation_marks_that_do_not_match(self) -> None:
        assert len(faults('login,name\nsam,"Sam\nkim,Kim\n')) == 1


class TestTooMuch:
    def test_a_file_that_is_too_large(self) -> None:
        assert "larger than 1 MB" in faults(b"a" * (BYTES_MAX + 1))[0][1]

    def test_too_many_people(self) -> None:
        text = "login\n" + "".join(f"a{number}\n" for number in range(PEOPLE_MAX + 5))
        assert faults(text) == [(PEOPLE_MAX + 2, "A roster has at most 5000 people. Send it in parts.")]

    def test_as_many_as_there_may_be(self) -> None:
        assert len(rows("".join(f"a{number}\n" for number in range(PEOPLE_MAX)))) == PEOPLE_MAX

    def test_not_all_faults_are_named(self) -> None:
        found = faults("login\n" + "1\n" * 50_000)
        assert len(found) == FAULTS_MAX

    def test_one_huge_cell(self) -> None:
        assert len(faults("login,name\nsam," + "x" * 500_000 + "\n")) == 1

    def test_very_many_columns(self) -> None:
        assert len(faults("login" + ",x" * 400_000 + "\nsam" + ",y" * 100_000 + "\n")) == 1

    def test_an_unfinished_quote_over_all_of_it(self) -> None:
        assert len(faults('login\n"' + "a\n" * 400_000)) == 1

    def test_a_picture(self) -> None:
        assert faults(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x01\0\x81\x8d\x8f")[0][0] in (0, 1, 2)


class TestTablesThatLeave:
    @pytest.mark.parametrize("text", ["=1+1", "+1+1", "-1+1", "@a", "\tx", "\r=1"])
    def test_a_formula_is_only_text(self, text) -> None:
        assert safe(text) == f"'{text}"

    @pytest.mark.parametrize("text", ["-1", "+2.5", "-0,5", "Sam", "", "a=b", None, 7])
    def test_all_else_is_as_it_was(self, text) -> None:
        assert safe(text) == ("" if text is None else str(text))

    def test_a_table(self) -> None:
        assert table([("a", "b"), ('x"y', "=1+1")]) == b'\xef\xbb\xbfa,b\r\n"x""y",\'=1+1\r\n'

    def test_one_of_ours_can_be_sent_again(self) -> None:
        data = table([("login", "name", "email", "role"), ("sam", "Größe, Sam", "", "tutor")])
        assert read_roster(data).rows == (Row(2, "sam", "Größe, Sam", "", Role.TUTOR),)

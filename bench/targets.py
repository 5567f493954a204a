"""The speeds ivle promises; docs/performance.md says what was measured."""

from __future__ import annotations

from bench.findings import Bound, Target

LATENCY_TO_APACHE = Target(Bound.AT_MOST, 0.35)
THROUGHPUT_TO_APACHE = Target(Bound.AT_LEAST, 1.5)
START_FROM_SPARE_MS = Target(Bound.AT_MOST, 1.5)
START_COLD_MS = Target(Bound.AT_MOST, 5.0)
FAIR = Target(Bound.AT_MOST, 1.5)
TARPIT = Target(Bound.AT_LEAST, 50.0)
CROWDED_TO_ALONE = Target(Bound.AT_MOST, 1.2)  # "the same cost", as far as a busy machine can tell
ONE_CPU_SECOND = Target(Bound.AT_MOST, 1.05)
NOTHING_MORE = Target(Bound.AT_MOST, 0.0)
MEMORY_KIB = Target(Bound.AT_MOST, 1024.0)
PYTHON_PROMPT = Target(Bound.AT_MOST, 0.15)  # of terminado's, as all these
IPYTHON_PROMPT = Target(Bound.AT_MOST, 0.06)
ECHO_TO_TERMINADO = Target(Bound.AT_MOST, 1.0)
OUTPUT_TO_TERMINADO = Target(Bound.AT_LEAST, 2.0)
BUSY_ECHO_MS = Target(Bound.AT_MOST, 20.0)
INTERRUPT_MS = Target(Bound.AT_MOST, 200.0)
FIRST_TAB_MS = Target(Bound.AT_MOST, 50.0)
PYTHON_MEMORY_MIB = Target(Bound.AT_MOST, 3.5)
IPYTHON_MEMORY_MIB = Target(Bound.AT_MOST, 5.5)
MANY_ECHO_MS = Target(Bound.AT_MOST, 50.0)
RUN_MS = Target(Bound.AT_MOST, 40.0)
RUN_P99_MS = Target(Bound.AT_MOST, 100.0)
LIST_MS = Target(Bound.AT_MOST, 150.0)
SAVE_MS = Target(Bound.AT_MOST, 15.0)
LINT_MS = Target(Bound.AT_MOST, 60.0)
TUTORIAL_MS = Target(Bound.AT_MOST, 80.0)
BOX_MS = Target(Bound.AT_MOST, 60.0)
SUBMISSION_MS = Target(Bound.AT_MOST, 250.0)
CLASS_SECONDS = Target(Bound.AT_MOST, 20.0)
FIRST_RESULT_SECONDS = Target(Bound.AT_MOST, 1.0)
BACK_SECONDS = Target(Bound.AT_MOST, 2.0)
LAB_MS = Target(Bound.AT_MOST, 500.0)  # p95 of 150 students
EDITOR_KILOBYTES = Target(Bound.AT_MOST, 350.0)

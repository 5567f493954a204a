from sandbox.commands import main

raise SystemExit(main())

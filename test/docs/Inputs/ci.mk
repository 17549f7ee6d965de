compile_commands.json: drv.c other.c apart.c
	python3 make-database.py . $^

.PHONY: compile_commands.json

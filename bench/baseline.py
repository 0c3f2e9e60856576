"""The counts that were accepted, in bench/baseline.csv: what is counted now is compared with them."""
import csv
import pathlib

FILE = pathlib.Path(__file__).parent / "baseline.csv"
COLUMNS = ("operation", "instructions", "allocations")
MORE_ALLOCATIONS = 0.1


def compare(counted, allowed, accept=False):
    """Prints a table and returns whether nothing rose.

    counted: instructions and allocations by operation; no allocations where they are not counted.
    allowed: the part by which instructions may rise, by operation.
    accept: writes what was counted as the new baseline; other operations stay as they are.
    """
    accepted = read()
    if accept:
        accepted |= counted
        write(accepted)
    risen = []
    print(f"{'operation':<22}{'instructions':>14}{'before':>10}{'change':>9}{'allocations':>13}{'before':>8}")
    for name, (count, blocks) in counted.items():
        if name not in accepted:
            print(f"{name:<22}{count:>14,}{'none':>10}")
            risen.append(name)
            continue
        before, blocks_before = accepted[name]
        change = count / before - 1
        print(f"{name:<22}{count:>14,}{before:>10,}{change:>+9.1%}{shown(blocks):>13}{shown(blocks_before):>8}")
        more = blocks is not None and (blocks_before is None or blocks > blocks_before + MORE_ALLOCATIONS)
        if change > allowed[name] or more:
            risen.append(name)
    if risen:
        print(f"error: more than before: {', '.join(risen)}. If it has to be, say why and run it with --accept")
    return not risen


def shown(blocks):
    return "" if blocks is None else f"{blocks:.1f}"


def read():
    with FILE.open() as file:
        return {
            row["operation"]: (int(row["instructions"]), float(row["allocations"]) if row["allocations"] else None)
            for row in csv.DictReader(file)
        }


def write(accepted):
    with FILE.open("w") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows([name, count, shown(blocks)] for name, (count, blocks) in accepted.items())

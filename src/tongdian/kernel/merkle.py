"""The Merkle tree of RFC 6962: roots, inclusion and consistency proofs, and their checks.

A tree is read through a `Read`: level 0 are the leaf hashes, level k the roots of full tiles of 256^k leaves. So a
store keeps one hash per leaf and one per 256, and a proof in a tree of a million leaves reads a few short ranges::

    level 2                     ·                      65 536 leaves each
    level 1     ·   ·   ·   ·   ·   ·   ·   ·             256 leaves each
    level 0   ····················· leaf hashes
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence

TILE_BITS = 8
TILE = 1 << TILE_BITS
EMPTY_ROOT = hashlib.sha256(b"").digest()

Read = Callable[[int, int, int], Sequence[bytes]]


def leaf_hash(entry: bytes) -> bytes:
    """Return the hash [32 bytes] of an entry as a leaf: SHA-256(0x00 ‖ entry)."""
    return hashlib.sha256(b"\0" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash [32 bytes] of an inner node: SHA-256(0x01 ‖ left ‖ right)."""
    return hashlib.sha256(b"\1" + left + right).digest()


def fold(hashes: Sequence[bytes]) -> bytes:
    """Return the root over 2^n hashes of one level; their number must be a power of two."""
    while len(hashes) > 1:
        hashes = [node_hash(hashes[i], hashes[i + 1]) for i in range(0, len(hashes), 2)]
    return hashes[0]


def root(size: int, read: Read) -> bytes:
    """Return the root of the first `size` leaves (RFC 6962 §2.1); of none, SHA-256 of nothing."""
    return _range_hash(0, size, read) if size else EMPTY_ROOT


def inclusion_proof(index: int, size: int, read: Read) -> list[bytes]:
    """Return the audit path of a leaf in the tree of `size` leaves, from the leaf up (RFC 6962 §2.1.1).

    Raises IndexError when the index is not within the tree.
    """
    if not 0 <= index < size:
        raise IndexError(f"leaf {index} is not in a tree of {size} leaves")
    path: list[bytes] = []
    start, stop = 0, size
    while stop - start > 1:
        middle = start + _split(stop - start)
        if index < middle:
            path.append(_range_hash(middle, stop, read))
            stop = middle
        else:
            path.append(_range_hash(start, middle, read))
            start = middle
    return path[::-1]


def consistency_proof(old_size: int, size: int, read: Read) -> list[bytes]:
    """Return the proof that the tree of `old_size` leaves is a prefix of that of `size` (RFC 6962 §2.1.2).

    Raises ValueError when the old tree is larger than the new one.
    """
    if not 0 <= old_size <= size:
        raise ValueError(f"a tree of {old_size} leaves cannot be a prefix of one of {size}")
    if old_size in {0, size}:
        return []
    path: list[bytes] = []
    start, stop, is_whole = 0, size, True
    while old_size != stop:
        middle = start + _split(stop - start)
        if old_size <= middle:
            path.append(_range_hash(middle, stop, read))
            stop = middle
        else:
            path.append(_range_hash(start, middle, read))
            start, is_whole = middle, False
    if not is_whole:
        path.append(_range_hash(start, stop, read))
    return path[::-1]


def is_included(leaf: bytes, *, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Say whether the proof leads from the leaf hash at `index` to the root of `size` leaves (RFC 9162 §2.1.3.2)."""
    if not 0 <= index < size:
        return False
    position, last, reached = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if position & 1 or position == last:
            reached = node_hash(sibling, reached)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            reached = node_hash(reached, sibling)
        position, last = position >> 1, last >> 1
    return last == 0 and reached == root


def is_consistent(*, old_size: int, old_root: bytes, size: int, root: bytes, proof: Sequence[bytes]) -> bool:
    """Say whether the proof shows the old tree to be a prefix of the new one (RFC 9162 §2.1.4.2)."""
    if old_size == size:
        return not proof and old_root == root
    if old_size == 0:
        return not proof and size > 0 and old_root == EMPTY_ROOT
    if not 0 < old_size < size:
        return False
    steps = list(proof)
    if old_size & (old_size - 1) == 0:
        steps.insert(0, old_root)
    return bool(steps) and _roots_of(steps, old_size - 1, size - 1) == (old_root, root)


class Frontier:
    """The right edge of a growing tree: at most one hash per power of two, enough for the root at any size."""

    def __init__(self) -> None:
        self.size = 0
        self._peaks: list[bytes] = []

    def append(self, leaf: bytes) -> list[bytes]:
        """Add a leaf hash and return the roots of the subtrees it completes: of 1 leaf, 2, 4 and so on."""
        completed, size = [leaf], self.size
        while size & 1:
            completed.append(node_hash(self._peaks.pop(), completed[-1]))
            size >>= 1
        self._peaks.append(completed[-1])
        self.size += 1
        return completed

    def root(self) -> bytes:
        """Return the root of the leaves so far."""
        if not self._peaks:
            return EMPTY_ROOT
        *lower, reached = self._peaks
        for peak in reversed(lower):
            reached = node_hash(peak, reached)
        return reached


def reader(leaves: Iterable[bytes]) -> Read:
    """Return a Read over leaf hashes held in memory."""
    levels = [list(leaves)]
    while len(levels[-1]) >= TILE:
        below = levels[-1]
        levels.append([fold(below[at : at + TILE]) for at in range(0, len(below) - TILE + 1, TILE)])
    return lambda level, start, stop: levels[level][start:stop]


def _split(width: int) -> int:
    return 1 << ((width - 1).bit_length() - 1)


def _range_hash(start: int, stop: int, read: Read) -> bytes:
    width = stop - start
    if width & (width - 1) == 0:
        tile_level, within = divmod(width.bit_length() - 1, TILE_BITS)
        first = start >> (tile_level * TILE_BITS)
        return fold(read(tile_level, first, first + (1 << within)))
    middle = start + _split(width)
    return node_hash(_range_hash(start, middle, read), _range_hash(middle, stop, read))


def _roots_of(steps: Sequence[bytes], old_last: int, last: int) -> tuple[bytes, bytes] | None:
    while old_last & 1:
        old_last, last = old_last >> 1, last >> 1
    old_reached = reached = steps[0]
    for sibling in steps[1:]:
        if last == 0:
            return None
        if old_last & 1 or old_last == last:
            old_reached, reached = node_hash(sibling, old_reached), node_hash(sibling, reached)
            while not old_last & 1 and old_last:
                old_last, last = old_last >> 1, last >> 1
        else:
            reached = node_hash(reached, sibling)
        old_last, last = old_last >> 1, last >> 1
    return (old_reached, reached) if last == 0 else None

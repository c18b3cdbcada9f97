import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tongdian.kernel import merkle
from tongdian.kernel.merkle import EMPTY_ROOT, Frontier, is_consistent, is_included, leaf_hash, node_hash, reader

# Known answers of the RFC 6962 reference tree (certificate-transparency's own test vectors).
ENTRIES = [
    bytes.fromhex(entry)
    for entry in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
SIZES = st.integers(1, 700)


def leaves(count: int) -> list[bytes]:
    return [leaf_hash(number.to_bytes(4, "big")) for number in range(count)]


def naive_root(hashes: list[bytes]) -> bytes:
    """The recursion of RFC 6962 §2.1, word for word."""
    if len(hashes) == 1:
        return hashes[0]
    split = 1
    while split * 2 < len(hashes):
        split *= 2
    return node_hash(naive_root(hashes[:split]), naive_root(hashes[split:]))


ALL = leaves(700)
READ = reader(ALL)
ROOT = {0: EMPTY_ROOT} | {size: merkle.root(size, READ) for size in range(1, 701)}


class TestRoot:
    @pytest.mark.parametrize("size", range(1, 9))
    def test_gives_the_known_answers(self, size: int) -> None:
        assert merkle.root(size, reader([leaf_hash(entry) for entry in ENTRIES])).hex() == ROOTS[size - 1]

    def test_of_nothing_is_the_hash_of_nothing(self) -> None:
        assert merkle.root(0, READ) == EMPTY_ROOT

    @pytest.mark.parametrize("size", [1, 2, 3, 255, 256, 257, 511, 512, 513, 700])
    def test_agrees_with_the_recursion_of_the_rfc(self, size: int) -> None:
        assert merkle.root(size, READ) == naive_root(ALL[:size])


class TestFrontier:
    def test_has_the_root_of_every_size(self) -> None:
        frontier = Frontier()

        for size, leaf in enumerate(ALL, start=1):
            frontier.append(leaf)
            assert frontier.root() == ROOT[size]

    def test_is_empty_at_first(self) -> None:
        assert Frontier().root() == EMPTY_ROOT

    def test_tells_the_subtrees_a_leaf_completes(self) -> None:
        frontier = Frontier()

        completed = [frontier.append(leaf) for leaf in ALL[:8]]

        assert [len(each) for each in completed] == [1, 2, 1, 3, 1, 2, 1, 4]
        assert completed[7][3] == ROOT[8]


class TestInclusionProof:
    @settings(max_examples=200, deadline=None)
    @given(SIZES, st.data())
    def test_leads_to_the_root_and_to_no_other(self, size: int, data: st.DataObject) -> None:
        index = data.draw(st.integers(0, size - 1))
        proof = merkle.inclusion_proof(index, size, READ)

        assert is_included(ALL[index], index=index, size=size, proof=proof, root=ROOT[size])
        assert not is_included(leaf_hash(b"other"), index=index, size=size, proof=proof, root=ROOT[size])
        assert not is_included(
            ALL[index], index=index, size=size, proof=[*proof, proof[0] if proof else b""], root=ROOT[size]
        )
        assert len(proof) <= (size - 1).bit_length()

    @pytest.mark.parametrize("index", [-1, 5, 6])
    def test_is_refused_outside_the_tree(self, index: int) -> None:
        with pytest.raises(IndexError, match="tree of 5 leaves"):
            merkle.inclusion_proof(index, 5, READ)

    @pytest.mark.parametrize("index", [-1, 5])
    def test_is_false_outside_the_tree(self, index: int) -> None:
        assert not is_included(ALL[0], index=index, size=5, proof=[], root=ROOT[5])

    def test_is_false_when_cut_short(self) -> None:
        proof = merkle.inclusion_proof(3, 10, READ)

        assert not is_included(ALL[3], index=3, size=10, proof=proof[:-1], root=ROOT[10])


class TestConsistencyProof:
    @settings(max_examples=200, deadline=None)
    @given(SIZES, st.data())
    def test_shows_a_prefix_and_nothing_else(self, size: int, data: st.DataObject) -> None:
        old = data.draw(st.integers(0, size))
        proof = merkle.consistency_proof(old, size, READ)
        asked = {"old_size": old, "old_root": ROOT[old], "size": size, "root": ROOT[size]}

        assert is_consistent(**asked, proof=proof)
        assert not is_consistent(**(asked | {"old_root": leaf_hash(b"x")}), proof=proof)
        assert not is_consistent(**(asked | {"root": leaf_hash(b"x")}), proof=proof) or old == 0
        assert not is_consistent(**asked, proof=[*proof, leaf_hash(b"x")])
        assert not proof or not is_consistent(**asked, proof=proof[:-1])

    def test_is_refused_backwards(self) -> None:
        with pytest.raises(ValueError, match="cannot be a prefix"):
            merkle.consistency_proof(6, 5, READ)

    @pytest.mark.parametrize(("old_size", "size"), [(6, 5), (-1, 5)])
    def test_is_false_backwards(self, old_size: int, size: int) -> None:
        assert not is_consistent(old_size=old_size, old_root=ROOT[5], size=size, root=ROOT[5], proof=[ROOT[1]])

    def test_of_a_tree_with_itself_needs_nothing_but_the_same_root(self) -> None:
        assert is_consistent(old_size=5, old_root=ROOT[5], size=5, root=ROOT[5], proof=[])
        assert not is_consistent(old_size=5, old_root=ROOT[5], size=5, root=ROOT[6], proof=[])

    def test_does_not_accept_leaves_that_were_swapped(self) -> None:
        forked = reader([ALL[1], ALL[0], *ALL[2:10]])

        proof = merkle.consistency_proof(4, 10, forked)

        assert not is_consistent(old_size=4, old_root=ROOT[4], size=10, root=merkle.root(10, forked), proof=proof)

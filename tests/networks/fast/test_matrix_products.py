"""Products of matrices by either library: the same numbers, whatever the layout of the factors."""

import pytest
import torch

from resnet_depth.networks.fast import matrix_products
from resnet_depth.networks.fast.matrix_products import add_product, product, product_over_rows


@pytest.fixture(params=[True, False], ids=["oneDNN", "MKL"])
def _library(request, monkeypatch):
    monkeypatch.setattr(matrix_products, "prefers_onednn", lambda: request.param)


def drawn(*shape):
    return torch.randn(shape, generator=torch.Generator().manual_seed(sum(shape)))


@pytest.mark.usefixtures("_library")
def test_a_product_takes_factors_with_gaps_and_transposed_ones():
    left, right = drawn(6, 12), drawn(5, 12)

    for first in (left, drawn(6, 24)[:, 4:16], drawn(12, 6).t()):
        for second in (right, drawn(5, 24)[:, 4:16], drawn(12, 5).t(), drawn(12, 9)[:, 2:7].t()):
            torch.testing.assert_close(product(first, second), first @ second.t())
            target = drawn(6, 9)[:, 2:7]
            expected = target + first @ second.t()
            add_product(target, first, second, first=False)
            torch.testing.assert_close(target, expected)
            add_product(target, first, second, first=True)
            torch.testing.assert_close(target, first @ second.t())


@pytest.mark.usefixtures("_library")
@pytest.mark.parametrize("pixels", [1, 4, 16, 64])
def test_a_product_over_rows_is_that_of_the_transpose(pixels):
    left, right = drawn(3 * pixels, 5), drawn(3 * pixels, 7)
    gaps = drawn(3 * pixels, 21)[:, 7:14]

    for factor in (right, gaps):
        found = product_over_rows(left, factor, pixels)
        torch.testing.assert_close(found, left.t() @ factor)
        # Autograd copies a gradient that lies in memory otherwise than its weight.
        assert found.is_contiguous()


def test_the_library_is_chosen_by_the_processor(monkeypatch):
    zen5 = {"vendor_id": "AuthenticAMD", "cpu family": "26"}
    found = {}
    for name, cpu, features in (
        ("Zen 5", zen5, ["avx2", "avx512f"]),
        ("Zen 5 with narrow vectors", zen5, ["avx2"]),
        ("Zen 4", {**zen5, "cpu family": "25"}, ["avx512f"]),
        ("Intel", {"vendor_id": "GenuineIntel", "cpu family": "6"}, ["avx512f"]),
        ("no Linux", {}, []),
    ):
        monkeypatch.setattr(matrix_products, "cpuinfo", lambda cpu=cpu: cpu)
        monkeypatch.setattr(matrix_products, "instruction_sets", lambda fs=features: fs)
        found[name] = matrix_products.prefers_onednn.__wrapped__()

    onednn = torch.backends.mkldnn.is_available()
    assert found == {name: onednn and name == "Zen 5" for name in found}

"""PNG, JPEG and TIFF: samples, depth, and what accompanies them."""

import warnings
from pathlib import Path

import numpy as np
import pytest

from sigconv import Volume, read, read_volume, write_volume
from sigconv.io import FileNotice, collected

Image = pytest.importorskip("PIL.Image")
ImageCms = pytest.importorskip("PIL.ImageCms")
tifffile = pytest.importorskip("tifffile")
imagecodecs = pytest.importorskip("imagecodecs")

RNG = np.random.default_rng(0)
ICC = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def samples(dtype: str, *shape: int) -> np.ndarray:
    if np.dtype(dtype).kind == "f":
        return RNG.normal(size=shape).astype(dtype)
    limits = np.iinfo(dtype)
    return RNG.integers(limits.min, limits.max, shape, dtype, endpoint=True)


def again(path: Path) -> Path:
    """Read a picture and write it elsewhere, without a word."""
    copy = path.with_name(f"again{path.suffix}")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        write_volume(copy, read_volume(path), overwrite=True)
    return copy


def by_others(path: Path) -> np.ndarray:
    """Return the samples as the libraries read them that we did not write with."""
    if path.suffix == ".png":
        return imagecodecs.png_decode(path.read_bytes())
    return tifffile.imread(path)


PNG = [("uint8", ()), ("uint16", ()), ("uint8", (2,)), ("uint8", (3,)), ("uint8", (4,))]
PNG += [("uint16", (2,)), ("uint16", (3,)), ("uint16", (4,))]


@pytest.mark.parametrize(("dtype", "channels"), PNG)
def test_png_keeps_its_depth(tmp_path: Path, dtype: str, channels: tuple[int, ...]) -> None:
    x = samples(dtype, 7, 9, *channels)
    path = tmp_path / "a.png"
    path.write_bytes(imagecodecs.png_encode(x))
    volume = read_volume(path)
    np.testing.assert_array_equal(volume.data, x)
    assert volume.data.dtype == dtype
    assert ("alpha" in volume.channels) == (channels in [(2,), (4,)])
    np.testing.assert_array_equal(by_others(again(path)), x)


TIFF = [(dtype, n) for dtype in ("uint8", "uint16", "int16", "float32") for n in ((), (3,), (4,))]


@pytest.mark.parametrize(("dtype", "channels"), TIFF)
@pytest.mark.parametrize("compression", [None, "lzw", "deflate"])
def test_tiff_keeps_its_depth(tmp_path, dtype, channels, compression) -> None:
    x = samples(dtype, 7, 9, *channels)
    path = tmp_path / "a.tif"
    kind = "rgb" if channels else "minisblack"
    extra = ["unassalpha"] if channels == (4,) else None
    tifffile.imwrite(
        path, x, photometric=kind, compression=compression, extrasamples=extra,
        resolution=(300, 200), resolutionunit="inch", description="a picture", iccprofile=ICC,
    )  # fmt: skip
    np.testing.assert_array_equal(read_volume(path).data, x)
    copy = again(path)
    np.testing.assert_array_equal(by_others(copy), x)
    with tifffile.TiffFile(copy) as file, tifffile.TiffFile(path) as source:
        page, other = file.pages[0], source.pages[0]
        assert page.compression == other.compression
        assert page.description == "a picture"
        names = ("XResolution", "YResolution", "ResolutionUnit", "InterColorProfile")
        for name in (*names, "BitsPerSample", "PhotometricInterpretation"):
            assert page.tags[name].value == other.tags[name].value, name


def test_tiff_layouts(tmp_path: Path) -> None:
    x = samples("uint16", 3, 7, 9)
    planes, white = tmp_path / "planes.tif", tmp_path / "white.tif"
    tifffile.imwrite(planes, x, photometric="rgb", planarconfig="separate")
    np.testing.assert_array_equal(read_volume(planes).data, np.moveaxis(x, 0, -1))
    np.testing.assert_array_equal(tifffile.imread(again(planes)), x)
    tifffile.imwrite(white, x[0], photometric="miniswhite")
    np.testing.assert_array_equal(read_volume(white).data, 65535 - x[0])
    np.testing.assert_array_equal(tifffile.imread(again(white)), x[0])
    cmyk = samples("uint8", 7, 9, 4)
    tifffile.imwrite(planes, cmyk, photometric="separated")
    assert read_volume(planes).channels == ("cyan", "magenta", "yellow", "black")
    np.testing.assert_array_equal(tifffile.imread(again(planes)), cmyk)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["png", "jpg", "tif"])
def test_pictures_come_as_they_are_seen(tmp_path: Path, kind: str, orientation: int) -> None:
    """Pillow's exif_transpose is the judge."""
    from PIL import ImageOps

    x = np.kron(samples("uint8", 3, 5), np.ones((8, 8), np.uint8))
    path = tmp_path / f"a.{kind}"
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(x).save(tmp_path / ("judge.jpg" if kind == "jpg" else "judge.png"), exif=exif)
    with Image.open(next(tmp_path.glob("judge.*"))) as image:
        seen = np.asarray(ImageOps.exif_transpose(image))
    if kind == "tif":
        tifffile.imwrite(path, x, extratags=[(0x0112, 3, 1, orientation, True)])
    else:
        Image.fromarray(x).save(path, exif=exif)
    np.testing.assert_array_equal(read_volume(path).data, seen)
    copy = again(path)
    if kind == "tif":
        np.testing.assert_array_equal(tifffile.imread(copy), x)
        with tifffile.TiffFile(copy) as file:
            assert file.pages[0].tags["Orientation"].value == orientation
        return
    with Image.open(path) as image, Image.open(copy) as other:
        assert other.getexif().get(0x0112, 1) == image.getexif().get(0x0112, 1)
        assert other.size == image.size
        np.testing.assert_allclose(
            np.asarray(other), np.asarray(image), atol=0 if kind != "jpg" else 3
        )


def test_png_keeps_what_accompanies_it(tmp_path: Path) -> None:
    from PIL.PngImagePlugin import PngInfo

    texts = PngInfo()
    texts.add_text("Author", "somebody")
    texts.add(b"gAMA", (45455).to_bytes(4, "big"))
    path = tmp_path / "a.png"
    picture = Image.fromarray(samples("uint8", 4, 5, 3))
    picture.save(path, icc_profile=ICC, dpi=(300, 300), pnginfo=texts)
    with Image.open(again(path)) as image:
        assert image.info["icc_profile"] == ICC
        assert image.info["dpi"] == pytest.approx((300, 300), abs=0.01)
        assert image.info["gamma"] == pytest.approx(0.45455)
        assert image.text == {"Author": "somebody"}


def test_jpeg_keeps_quality_and_what_accompanies_it(tmp_path: Path) -> None:
    y, x = np.mgrid[:64, :64]
    smooth = np.stack([2 * x + y, x + 2 * y, 3 * y], axis=-1).astype(np.uint8)
    exif = Image.Exif()
    exif[0x010F] = "a camera"
    path = tmp_path / "a.jpg"
    options = {"quality": 87, "subsampling": 0, "progressive": True, "comment": b"so"}
    Image.fromarray(smooth).save(path, exif=exif, icc_profile=ICC, dpi=(72, 72), **options)
    with Image.open(path) as image, Image.open(again(path)) as copy:
        assert copy.quantization == image.quantization
        assert copy.info["progressive"] == 1
        assert copy.getexif()[0x010F] == "a camera"
        for key in ("icc_profile", "dpi", "comment"):
            assert copy.info[key] == image.info[key], key
        assert copy.layer == image.layer  # the subsampling
        assert np.abs(np.asarray(copy).astype(int) - np.asarray(image)).max() <= 3


@pytest.mark.parametrize(("kind", "mode"), [("png", "P"), ("png", "1"), ("tif", "P")])
def test_palettes_and_black_and_white_say_what_they_became(tmp_path, kind, mode) -> None:
    picture = Image.fromarray(samples("uint8", 8, 8, 3)).convert(mode)
    path = tmp_path / f"a.{kind}"
    picture.save(path)
    with pytest.warns(FileNotice, match="its palette became|black and white became"):
        volume = read_volume(path)
    expected = np.asarray(picture.convert("L" if mode == "1" else "RGB"))
    np.testing.assert_array_equal(volume.data, expected)


def test_a_transparent_colour_becomes_an_alpha_channel(tmp_path: Path) -> None:
    x = np.zeros((4, 4, 3), np.uint8)
    x[0] = (1, 2, 3)
    Image.fromarray(x).save(tmp_path / "a.png", transparency=(1, 2, 3))
    volume = read_volume(tmp_path / "a.png")
    assert volume.channels[-1] == "alpha"
    assert volume.data[:, 0, 3].tolist() == [0, 255, 255, 255]


def test_rounding_and_cutting_off_are_said(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    Image.fromarray(samples("uint8", 2, 3)).save(path)
    source = read_volume(path)
    data = np.array([[-3, 0, 300], [1.5, 2.5, 254.6]])
    with collected() as said:
        write_volume(path, source.replace(data=data), overwrite=True)
    assert said == [
        f"{path}: samples were rounded to uint8 and 2 of 6 samples beyond 0 to 255 were cut off "
        "there (33 %)"
    ]
    np.testing.assert_array_equal(read_volume(path).data, [[0, 0, 255], [2, 2, 255]])
    with pytest.raises(ValueError, match="uint8 samples cannot be NaN or infinite; got 1 that"):
        write_volume(path, source.replace(data=np.full((1, 1), np.nan)), overwrite=True)
    np.testing.assert_array_equal(read_volume(path).data, [[0, 0, 255], [2, 2, 255]])


@pytest.mark.parametrize(
    ("name", "volume", "sentence"),
    [
        ("a.png", Volume(np.zeros((2, 2))), "PNG cannot hold float64 samples"),
        ("a.jpg", Volume(np.zeros((2, 2), np.uint16)), "JPEG cannot hold uint16 samples"),
        ("a.png", Volume(np.zeros((2, 2, 2), np.uint8)), "a picture has two axes"),
        ("a.png", Volume(np.zeros(2, np.uint8)), "a picture has two axes"),
        ("a.jpg", Volume(np.zeros((2, 2, 2), np.uint8), channels=("grey", "alpha")), "JPEG cannot"),
        ("a.tif", Volume(np.zeros((2, 2, 2)), channels=("a", "b")), "TIFF cannot hold float64"),
        ("a.gif", Volume(np.zeros((2, 2))), "'.gif' is none of a picture or volume; those are"),
        ("b/a.png", Volume(np.zeros((2, 2), np.uint8)), "the folder .* does not exist"),
    ],
)
def test_what_cannot_be_written(tmp_path: Path, name: str, volume: Volume, sentence: str) -> None:
    with pytest.raises((ValueError, FileNotFoundError), match=sentence):
        write_volume(tmp_path / name, volume)
    assert not list(tmp_path.iterdir())


def test_pictures_of_our_own(tmp_path: Path) -> None:
    for name, shape in (("a.png", (3, 4, 3)), ("a.jpg", (3, 4, 3)), ("a.tif", (3, 4, 3))):
        write_volume(
            tmp_path / name, Volume(np.full(shape, 7, np.uint8), channels=("red", "green", "blue"))
        )
        assert np.ptp(read_volume(tmp_path / name).data - 7.0) <= 2
    with pytest.raises(FileExistsError, match="exists already; pass overwrite=True"):
        write_volume(tmp_path / "a.png", Volume(np.zeros((2, 2), np.uint8)))
    with pytest.raises(TypeError, match="volume must be a Volume; got ndarray"):
        write_volume(tmp_path / "b.png", np.zeros((2, 2)))  # type: ignore[arg-type]


def test_what_cannot_be_read(tmp_path: Path) -> None:
    whole = tmp_path / "whole.png"
    Image.fromarray(samples("uint8", 64, 64)).save(whole)
    (tmp_path / "cut.png").write_bytes(whole.read_bytes()[:2000])
    (tmp_path / "empty.png").touch()
    (tmp_path / "text.jpg").write_text("no picture")
    tifffile.imwrite(
        tmp_path / "stack.tif", np.zeros((3, 8, 8), np.uint8), photometric="minisblack"
    )
    sentences = {
        "cut.png": "cannot be read as PNG",
        "empty.png": "the file is empty",
        "text.jpg": "cannot be read as JPEG",
        "stack.tif": "must hold one picture; got 3",
    }
    for name, sentence in sentences.items():
        with pytest.raises(ValueError, match=f"{name}: {sentence}"):
            read_volume(tmp_path / name)
    with pytest.raises(FileNotFoundError, match="no such file"):
        read_volume(tmp_path / "gone.png")
    with pytest.raises(ValueError, match="is a folder"):
        read_volume(tmp_path)
    with pytest.raises(ValueError, match="is a picture or a volume, not a recording"):
        read(whole)


@pytest.mark.parametrize(
    ("name", "package"), [("a.png", "PIL"), ("a.tif", "tifffile"), ("a.nii", "nibabel")]
)
def test_a_missing_extra_is_named(tmp_path, monkeypatch, name, package) -> None:
    import sys

    (tmp_path / name).write_bytes(b"some")
    for module in [m for m in sys.modules if m == package or m.startswith(f"{package}.")]:
        monkeypatch.setitem(sys.modules, module, None)
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(ImportError, match=r"needs \w+, which the extra 'image' brings: pip inst"):
        read_volume(tmp_path / name)

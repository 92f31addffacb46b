"""Unlabelled sound for pretraining, from Debian's archive: games, drum kits, voices, animal stamps.

    python data/recordings.py FOLDER        (make recordings AUDIO=FOLDER)

Needs a Debian or Ubuntu machine (apt-get, dpkg-deb; no root), soundfile and about 2 GB of disk while it works. The packages
carry free licences of their own, which is why their sounds are fetched and not shipped. Speech is thinned out, so that it
does not outweigh everything else. Which file gets which name is fixed by the sorted paths and a seed: with the package
versions of Debian 12 the folder holds 4068 files, and a run on it records the same hash in `pretrain.jsonl`.
"""
import random, re, shutil, sys, tempfile
from pathlib import Path
import soundfile
from corpus import absent, download, unpack

PACKAGES = '''asterisk-core-sounds-en-wav boswars-data fillets-ng-data freedroidrpg-data hedgewars-data hydrogen-drumkits
lmms-common megaglest-data redeclipse-data searchandrescue-data sonic-pi-samples supertux-data tuxpaint-stamps-default
unknown-horizons wesnoth-1.16-data'''.split()
SOUNDS = {'.wav', '.ogg', '.flac', '.mp3', '.oga'}
THINNED = (('asterisk', '', .15), ('hedgewars', '/voices/', .2)) # package, part of the path, share that is kept

def fetch(package, folder):
    "Download and unpack one package"
    archive = download(package, folder)
    unpack(archive, folder/f'x_{package}')
    archive.unlink()

def seconds(path):
    "Length of a sound, 0 if it cannot be read"
    try: return soundfile.info(path).duration
    except soundfile.LibsndfileError: return 0.

def chosen(folder):
    "Sounds of 0.3 s and more, without the spoken descriptions of pictures, speech thinned"
    draw = random.Random(0)
    for p in sorted(p for p in folder.rglob('*') if p.is_file() and not p.is_symlink() and p.suffix.lower() in SOUNDS):
        path = str(p.relative_to(folder))
        if seconds(p) < .3 or ('tuxpaint' in path and '_desc' in path): continue
        share = next((s for package, part, s in THINNED if path.startswith(f'x_{package}') and part in path.lower()), 1.)
        if share == 1. or draw.random() <= share: yield p, re.match(r'x_([^/]+)', path)[1]

def main(out):
    "Fill the folder"
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent) as work:
        for package in PACKAGES:
            print(package, flush=True)
            if not absent(package): fetch(package, Path(work))
        for i, (p, package) in enumerate(chosen(Path(work))): shutil.move(p, out/f'{package}-{i:05d}{p.suffix.lower()}')
    if not any(out.iterdir()): raise SystemExit('no package was found: is the list of packages fetched (apt-get update)?')
    print(len(list(out.iterdir())), 'sounds in', out.name)

if __name__ == '__main__': main(Path(sys.argv[1])) if len(sys.argv) == 2 else sys.exit(__doc__)

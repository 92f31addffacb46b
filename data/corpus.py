"""The sounds that `bat-mini` hears in pretraining: free recordings, synthetic speech, sampled instruments.

    python data/corpus.py FOLDER [ESC10]      (first step of make bat-mini CORPUS=FOLDER ESC10=…)
    python data/corpus.py FOLDER --every 10   (a tenth of the pieces in a file of their own, for make bat-mini-curve)

Needs a Debian or Ubuntu machine (apt-get, dpkg-deb; no root), soundfile and about 5 GB of disk while it works. A part
that is finished (`FOLDER/made/PART.json`) is not made again, so a stopped call goes on where it was. Everything random
comes from the part's name. `FOLDER/sounds` holds 16 kHz mono FLAC files of at most 30 s, `FOLDER/pieces.npy` the same in
pieces of 5 s, `FOLDER/manifest.json` what they are, their hours and licences, and a hash of all samples. `FOLDER/words` is
a spoken-word task in ESC-50's layout, by voices that the sounds do not contain. With a folder in that layout the sounds are
searched for its recordings.
"""
import hashlib, json, os, random, re, shutil, struct, subprocess, sys, zipfile
from dataclasses import dataclass
from pathlib import Path
import numpy as np, soundfile
from bat_nb.core.files import atomic_write
from bat_nb.core.text import pipe_table
from bat_nb.data.audio import AudioError, decode, load, resample
from bat_nb.data.fingerprint import Fingerprints, shared_sounds
from bat_nb.pretrain.sources import whole_pieces

RATE, PIECE, LONGEST, MINUTES = 16000, 5, 6, 45 # Hz; seconds of a piece; pieces of a file; of a package
SOUNDS = {'.wav', '.ogg', '.flac', '.mp3', '.oga', '.opus'}
LEFT_OUT = re.compile(r'tuxpaint.*_desc|/voices/[^/]*/(?!Classic)' # picture descriptions, joke voices
                      r'|battlemage_hit3') # half a second of it lies in ESC-10's 1-46272-A-12 (found by fingerprint)
EFFECTS = '''0ad-data asc-music boswars-data colobot-common-sounds endless-sky-data fillets-ng-data
flightgear-data-base freedink-data freedroidrpg-data frozen-bubble-data gcompris-qt-data hedgewars-data
hydrogen-drumkits lincity-ng-data lmms-common lordsawar-data megaglest-data naev-data openarena-data
opencity-data oxygen-sounds pingus-data pysiogame redeclipse-data scratch searchandrescue-data
sonic-pi-samples sound-theme-freedesktop supertux-data supertuxkart-data torcs-data trackballs-data
tuxpaint-stamps-default ufoai-sound unknown-horizons warzone2100-data widelands-data wesnoth-1.16-data'''.split()
VOICES = '''asterisk-core-sounds-en-wav asterisk-core-sounds-es-wav asterisk-core-sounds-fr-wav
asterisk-core-sounds-it-wav asterisk-core-sounds-ru-wav klettres-data ktuberling-data'''.split()
TOOLS = '''espeak-ng espeak-ng-data flite festival festlex-cmu festlex-poslex festlex-ifd festvox-kallpc16k
festvox-kdlpc16k festvox-us-slt-hts festvox-italp16k festvox-itapc16k festvox-suopuhe-common festvox-suopuhe-lj
festvox-suopuhe-mv festival-ca festvox-ca-ona-hts fluidsynth fluid-soundfont-gm fortunes-min fortunes fortunes-cs
fortunes-de fortunes-es fortunes-it fortunes-pl fortunes-ru fortunes-br fortune-mod'''.split()

def run(*command, **kw):
    "A program that has ended; one that fails, or is not here, ends the call with words"
    try: done = subprocess.run([str(c) for c in command], capture_output=True, **kw)
    except FileNotFoundError: raise SystemExit(f'{command[0]} is not here: this needs a Debian or Ubuntu machine') from None
    if not done.returncode: return done
    said = done.stderr.decode('utf8', 'replace').strip().splitlines() or [f'status {done.returncode}']
    raise SystemExit(f'{Path(command[0]).name} failed: {said[-1]}\nThe same call goes on from here.')

def absent(package):
    "Is there no such package in this machine's archive? That is said"
    known = run('apt-cache', 'policy', package, env=dict(os.environ, LC_ALL='C')).stdout.decode()
    gone = 'Candidate: (none)' in known or not known.strip()
    if gone: print(f'{package}: not in the archive of this machine, left out', flush=True)
    return gone

def download(package, folder):
    "One package of the archive, as a file"
    folder.mkdir(parents=True, exist_ok=True)
    run('apt-get', 'download', '-qq', package, cwd=folder)
    return max(folder.glob(f'{package}_*.deb'), key=lambda p: p.stat().st_mtime)

def unpack(archive, folder, only=None):
    "A package's files below a folder: all, or those that match one of the patterns"
    folder.mkdir(parents=True, exist_ok=True)
    tar = subprocess.Popen(['dpkg-deb', '--fsys-tarfile', archive], stdout=subprocess.PIPE)
    patterns = ['--wildcards', '--ignore-case', *only] if only else []
    said = subprocess.run(['tar', '-x', '-C', folder, *patterns], stdin=tar.stdout, stderr=subprocess.PIPE, text=True,
                          env=dict(os.environ, LC_ALL='C')).stderr
    wrong = [l for l in said.splitlines() if 'Not found in archive' not in l and 'previous errors' not in l]
    if tar.wait() or wrong:
        raise SystemExit(f'{Path(archive).name} could not be unpacked ({wrong[0] if wrong else "damaged"}): '
                         'the same call goes on from here')
    return folder

def licences(folder):
    "What a package's copyright files call their licences"
    text = ' '.join(p.read_text('utf8', 'replace') + '\n' for p in sorted(folder.glob('usr/share/doc/*/copyright')))
    named = {m.strip() for m in re.findall(r'^\s?License: *([^\n]{1,40})$', text, re.M)}
    return sorted(named) or sorted(set(re.findall(r'GPL-[23]|General Public License|MIT|BSD|Creative Commons', text)))

@dataclass
class Part:
    "The sounds of one origin on their way into the corpus"
    out:Path     # the corpus
    name:str     # of the part
    kind:str     # what sort of sound
    licence:list # names of licences
    def __post_init__(self): self.files, self.seconds, self.digest = [], 0., hashlib.sha256()
    @property
    def done(self): return (self.out/'made'/f'{self.name}.json').exists()
    def add(self, path, was):
        "One sound: whole pieces of it at 16 kHz, if it can be read and heard"
        try: wave, rate = decode(path)
        except AudioError: return
        if wave.shape[-1] < .3*rate or wave.abs().max() < .003: return
        mono = wave.mean(0)
        cut = whole_pieces(mono, PIECE*rate, LONGEST) if len(mono) > PIECE*rate else mono[None]
        pcm = (resample(cut, rate, RATE).flatten().clamp(-1, 1)*32767).round().short().numpy()
        path = self.out/'sounds'/f'{self.name}-{len(self.files):05d}.flac'
        soundfile.write(path, pcm, RATE, subtype='PCM_16')
        self.digest.update(pcm.tobytes())
        self.files.append([path.name, was, round(len(pcm)/RATE, 2)])
        self.seconds += len(pcm)/RATE
    def close(self, **more):
        facts = dict(part=self.name, kind=self.kind, licence=self.licence, hours=round(self.seconds/3600, 3),
                     sha256=self.digest.hexdigest(), files=self.files, **more)
        atomic_write(self.out/'made'/f'{self.name}.json', json.dumps(facts, ensure_ascii=False))
        print(f'{self.name}: {len(self.files)} sounds, {self.seconds/60:.1f} minutes', flush=True)

def recordings(out, package, kind):
    "Sounds of a package in random order, until there are enough minutes"
    part = Part(out, package, kind, [])
    if part.done or absent(package): return
    work = out/'work'
    shutil.rmtree(work, ignore_errors=True)
    archive = download(package, work)
    folder = unpack(archive, work/'x', ['*/copyright', '*.zip', *(f'*{s}' for s in sorted(SOUNDS))])
    for z in sorted(folder.rglob('*.zip')):
        with zipfile.ZipFile(z) as f:
            for n in f.namelist():
                if Path(n).suffix.lower() in SOUNDS: f.extract(n, z.with_suffix('.d'))
        z.unlink()
    part.licence = licences(folder)
    paths = sorted(p for p in folder.rglob('*') if p.suffix.lower() in SOUNDS and p.is_file() and not p.is_symlink())
    random.Random(package).shuffle(paths)
    for p in paths:
        was = str(p.relative_to(folder))
        if part.seconds > 60*MINUTES or LEFT_OUT.search(f'{package}/{was}'): continue
        part.add(p, was)
    shutil.rmtree(work)
    if part.files: part.close(package=archive.name)
    else: print(f'{archive.name} has no sounds that could be read; the next call tries it again', flush=True)

def missing(packages):
    "Packages that these need and that this machine has not; those that would only be newer are left as they are"
    said = run('apt-get', '-s', 'install', '--no-install-recommends', *packages, env=dict(os.environ, LC_ALL='C'))
    return re.findall(r'^Inst (\S+) \(', said.stdout.decode(), re.M)

def tools(out):
    "Synthesisers, voices, instruments and texts, unpacked below a folder; their environment"
    root, wanted = out/'tools', ' '.join(TOOLS)
    made = root/'.done'
    if not made.exists() or made.read_text('utf8') != wanted:
        shutil.rmtree(root, ignore_errors=True)
        for package in dict.fromkeys(TOOLS + missing(TOOLS)): unpack(download(package, out/'work'), root)
        shutil.rmtree(out/'work')
        program = (root/'usr/bin/festival').read_bytes() # it looks for its library at one place only
        (root/'usr/bin/festival').write_bytes(program.replace(b'/usr/share/festival\0', b'usr/share/festival\0\0'))
        atomic_write(made, wanted)
    lib = next((root/'usr/lib').glob('*-linux-gnu*'))
    places = ':'.join(map(str, [lib, lib/'pulseaudio', *(root/'lib').glob('*-linux-gnu*')])) # of shared libraries
    return root, dict(os.environ, LD_LIBRARY_PATH=places, ESPEAK_DATA_PATH=str(lib), SDL_AUDIODRIVER='dummy')

def sentences(root, *names):
    "Sentences of some collections of sayings, plain text"
    found = []
    for name in names:
        for p in sorted((root/'usr/share/games/fortunes').rglob(name)):
            if p.suffix in ('.dat', '.u8') or p.is_symlink() or not p.is_file(): continue
            text = re.sub(r'\x1b\[[\d;]*m|[_*"`<>|\\^~#]', ' ', p.read_bytes().decode('utf8', 'replace'))
            found += [' '.join(s.split()) for s in re.split(r'\n%\n', text)]
    return [s[:240] for s in found if 40 < len(s) and '�' not in s]

ENGLISH = ('fortunes', 'riddles', 'literature', 'science', 'wisdom', 'people', 'food', 'work', 'art')
TONGUES = { # espeak's name: where its sayings are
    'en-us': ENGLISH, 'en-gb-scotland': ENGLISH, 'en-gb-x-rp': ENGLISH, 'de': ('de/*',), 'es': ('es/*', '*.fortunes'),
    'it': ('it/*', 'italia*'), 'cs': ('cs/*', '*cs*'), 'pl': ('pl/*',), 'ru': ('ru/*',), 'pt-br': ('brasil*', 'br/*')}
HEARD = ('m1', 'm2', 'm3', 'm4', 'f1', 'f2', 'f3', 'croak', 'klatt', 'klatt2', 'whisperf') # the words use others

def say_espeak(out, root, env, n=140):
    for tongue, names in TONGUES.items():
        part = Part(out, f'espeak-{tongue}', 'synthetic speech', ['GPL-3+'])
        texts = sentences(root, *names)
        if part.done or not texts: continue
        draw = random.Random(part.name)
        for i in range(n):
            text, voice = draw.choice(texts), draw.choice(HEARD)
            how = dict(s=draw.randint(110, 220), p=draw.randint(20, 85))
            run(root/'usr/bin/espeak-ng', '-v', f'{tongue}+{voice}', '-s', how['s'], '-p', how['p'],
                '-w', out/'say.wav', text, env=env)
            part.add(out/'say.wav', f'{tongue}+{voice} {how}: {text[:60]}')
        part.close()

def say_flite(out, root, env, n=120):
    for voice in ('kal', 'kal16', 'awb'):
        part = Part(out, f'flite-{voice}', 'synthetic speech', ['BSD'])
        if part.done: continue
        draw, texts = random.Random(part.name), sentences(root, *ENGLISH)
        for i in range(n):
            text = draw.choice(texts)
            run(root/'usr/bin/flite', '-voice', voice, '--setf', f'duration_stretch={draw.uniform(.8, 1.3):.2f}',
                '-t', text, '-o', out/'say.wav', env=env)
            part.add(out/'say.wav', f'{voice}: {text[:60]}')
        part.close()

SPOKEN = dict(kal_diphone=ENGLISH, lp_diphone=('it/*', 'italia*'), pc_diphone=('it/*', 'italia*'), hy_fi_mv_diphone=ENGLISH,
              suo_fi_lj_diphone=ENGLISH, upc_ca_ona_hts=('es/*', '*.fortunes'))

def festival(root, env, voice, texts, folder):
    "Wave files of one festival voice; a text at which the program breaks down is left out"
    shutil.rmtree(folder, ignore_errors=True) # of a call that was stopped
    folder.mkdir()
    say = '(utt.save.wave (utt.synth (Utterance Text "{}")) "{}/{:04d}.wav" (quote riff))'
    first = 0
    while first < len(texts):
        lines = [say.format(t.replace('"', ''), folder, i) for i, t in enumerate(texts[first:], first)]
        script = '\n'.join([f'(voice_{voice})', *lines]).encode('latin-1', 'replace')
        done = subprocess.run([str(root/'usr/bin/festival'), '--pipe'], input=script, env=env, cwd=root, capture_output=True)
        if not done.returncode: break
        first = max([first, *(int(p.stem) + 1 for p in folder.glob('*.wav'))]) + 1
    return sorted(folder.glob('*.wav'))

def say_festival(out, root, env, n=100):
    for voice, names in SPOKEN.items():
        part = Part(out, f'festival-{voice}', 'synthetic speech', ['BSD', 'GPL-2+'])
        texts = sentences(root, *names)
        if part.done or not texts: continue
        chosen = random.Random(part.name).choices(texts, k=n)
        for p in festival(root, env, voice, chosen, out/'say'):
            part.add(p, f'{voice}: {chosen[int(p.stem)][:60]}')
        shutil.rmtree(out/'say')
        if part.files: part.close()
        else: print(f'{part.name}: festival said nothing; the next call tries it again', flush=True)

def midi(draw, program, drums=False, beats=48):
    "A phrase of one instrument as the bytes of a MIDI file: melody, chords and rests of a random scale"
    scale = draw.choice(([0, 2, 4, 5, 7, 9, 11], [0, 2, 3, 5, 7, 8, 10], [0, 2, 4, 7, 9]))
    channel, root, track, note = 9 if drums else 0, draw.randint(40, 64), bytearray(), 7
    def wait(ticks): return bytes([128 | ticks >> 7, ticks & 127]) if ticks > 127 else bytes([ticks])
    track += b'\0\xff\x51\x03' + struct.pack('>I', 60_000_000//draw.randint(60, 170))[1:]
    track += bytes([0, 0xc0 | channel, program])
    spent = 0
    while spent < beats*96:
        note = max(0, min(20, note + draw.randint(-3, 3)))
        length, sounding = draw.choice((24, 48, 48, 96, 96, 192)), []
        for k in range(draw.choice((1, 1, 1, 2, 3))):
            octave, step = divmod(note + 2*k, len(scale))
            pitch = draw.randint(35, 81) if drums else min(108, root + 12*octave + scale[step])
            track += bytes([0, 0x90 | channel, pitch, draw.randint(45, 120)])
            sounding.append(pitch)
        ends = [bytes([0x80 | channel, p, 0]) for p in sounding]
        track += wait(length) + b'\0'.join(ends)
        rest = draw.choice((0, 0, 0, 24, 96))
        if rest: track += wait(rest) + bytes([0xb0 | channel, 7, 100])
        spent += length + rest
    track += b'\0\xff\x2f\0'
    return b'MThd' + struct.pack('>IHHH', 6, 0, 1, 96) + b'MTrk' + struct.pack('>I', len(track)) + bytes(track)

def instruments(out, root, env, phrases=2):
    part = Part(out, 'instruments', 'sampled instruments', ['MIT'])
    if part.done: return
    font = next((root/'usr/share/sounds/sf2').glob('FluidR3_GM.sf2'))
    for program in range(136):
        for k in range(phrases):
            draw = random.Random(f'{program} {k}')
            drums = program >= 128
            sound = draw.choice((0, 8, 16, 24, 25, 40)) if drums else program
            (out/'say.mid').write_bytes(midi(draw, sound, drums))
            run(root/'usr/bin/fluidsynth', '-ni', '-q', '-g', '0.6', '-r', RATE, '-F', out/'say.wav', font,
                out/'say.mid', env=env)
            part.add(out/'say.wav', f'program {program}, phrase {k}')
    part.close()

WORDS = '''yes no up down left right stop go on off one two three four five six seven eight nine zero'''.split()
SPEAKERS = [('espeak', v) for v in ('en-us+m5', 'en-us+m6', 'en-gb-x-rp+m7', 'en-us+f4', 'en-gb-scotland+f5',
            'en-gb-x-rp+Mario', 'en-us+Andrea', 'en-gb-scotland+Lee')] + [('flite', 'rms'), ('flite', 'slt'),
            ('festival', 'ked_diphone'), ('festival', 'cmu_us_slt_arctic_hts')]

def words(out, root, env):
    "Twenty words by twelve voices, five takes each by pitch, tempo and place in a clip; folds are of voices"
    folder = out/'words'
    if (folder/'meta'/'esc50.csv').exists(): return
    (folder/'audio').mkdir(parents=True, exist_ok=True)
    rows, draw = ['filename,fold,target,category,esc10,src_file,take'], random.Random('words')
    for k, (maker, voice) in enumerate(SPEAKERS):
        spoken = festival(root, env, voice, WORDS, out/'say') if maker == 'festival' else None
        if spoken is not None and len(spoken) < len(WORDS):
            raise SystemExit(f'festival said {len(spoken)} of {len(WORDS)} words as {voice}')
        for c, word in enumerate(WORDS):
            for take in range(5):
                if maker == 'espeak':
                    run(root/'usr/bin/espeak-ng', '-v', voice, '-s', draw.randint(120, 200),
                        '-p', draw.randint(30, 75), '-w', out/'say.wav', word, env=env)
                if maker == 'flite':
                    run(root/'usr/bin/flite', '-voice', voice, '--setf',
                        f'duration_stretch={draw.uniform(.8, 1.3):.2f}', '-t', word, '-o', out/'say.wav', env=env)
                wave, rate = decode(spoken[c] if spoken else out/'say.wav')
                if spoken: rate = round(rate*draw.uniform(.9, 1.1)) # another tempo and pitch
                said = resample(wave.mean(0), rate, RATE)[:2*RATE].numpy()
                clip = np.random.default_rng([k, c, take]).normal(0, 10**draw.uniform(-4, -2.2), int(2.55*RATE))
                at = draw.randrange(len(clip) - len(said))
                clip[at:at + len(said)] += said*(draw.uniform(.1, .5)/max(1e-6, abs(said).max()))
                name = f'{k:02d}-{word}-{take}.flac'
                soundfile.write(folder/'audio'/name, clip.clip(-1, 1), RATE, subtype='PCM_16')
                rows.append(f'{name},{k % 5 + 1},{c},{word},False,{k:02d},{take}')
        if spoken: shutil.rmtree(out/'say')
    (folder/'meta').mkdir(exist_ok=True)
    atomic_write(folder/'meta'/'esc50.csv', '\n'.join(rows) + '\n')

def manifest(out):
    "All parts in one file, and a table of hours and licences"
    parts = [json.loads(p.read_text('utf8')) for p in sorted((out/'made').glob('*.json'))]
    digest = hashlib.sha256(''.join(p['sha256'] for p in parts).encode()).hexdigest()[:12]
    said = dict(hash=digest, hours=round(sum(p['hours'] for p in parts), 2), files=sum(len(p['files']) for p in parts),
                parts=parts)
    atomic_write(out/'manifest.json', json.dumps(said, indent=1, ensure_ascii=False))
    rows = [[p['part'], p['kind'], str(len(p['files'])), f"{p['hours']:.2f}", ', '.join(p['licence'])] for p in parts]
    print(pipe_table(['part', 'kind', 'files', 'hours', 'licences'], rows))
    print(f"{said['files']} files, {said['hours']} hours, hash {digest}")

def pieces(out, thinned={'recorded speech': .35}):
    "All sounds as one file of pieces that runs map into memory; short prompts are thinned out, so that they do not prevail"
    target, made_of, draw, found = out/'pieces.npy', out/'pieces.json', random.Random('pieces'), []
    known = json.loads((out/'manifest.json').read_text('utf8'))
    about = dict(hash=known['hash'], thinned=thinned) # a part that comes later changes the hash
    if target.exists() and made_of.exists() and json.loads(made_of.read_text('utf8')) == about: return
    made_of.unlink(missing_ok=True)
    for part in known['parts']:
        share = thinned.get(part['kind'], 1.)
        found += [(name, max(1, int(seconds//PIECE))) for name, _, seconds in part['files'] if draw.random() < share]
    made = np.lib.format.open_memmap(target.with_suffix('.part'), 'w+', np.float16, (sum(n for _, n in found), PIECE*RATE))
    at = 0
    for name, n in found:
        wave, _ = decode(out/'sounds'/name)
        made[at:at + n] = whole_pieces(wave[0], PIECE*RATE, LONGEST).half().numpy()
        at += n
    made.flush()
    target.with_suffix('.part').rename(target)
    atomic_write(made_of, json.dumps(about))
    print(f'{at} pieces of {PIECE} s')

def thin(out, every):
    "Every n-th piece as a file of its own, to see what less sound teaches"
    few = np.load(out/'pieces.npy', mmap_mode='r')[::every]
    np.save(out/f'pieces-{every}.npy', few)
    print(f'{len(few)} pieces in pieces-{every}.npy')

def shared_with(out, references):
    "Search the sounds for recordings of another collection; what was looked at goes into fingerprint.json"
    result, names = out/'fingerprint.json', [p.name for p in sorted((out/'sounds').iterdir())]
    others = sorted(Path(references, 'audio').iterdir())
    about = hashlib.sha256(json.dumps([names, [(p.name, p.stat().st_size) for p in others]]).encode()).hexdigest()[:12]
    if result.exists() and json.loads(result.read_text('utf8')).get('about') == about: return
    found = shared_sounds((decode(out/'sounds'/n)[0][0] for n in names), Fingerprints(load(p, RATE) for p in others))
    rows = [dict(sound=names[s.clip], reference=others[s.reference].name, landmarks=s.count,
                 correlation=round(s.correlation, 3)) for s in found]
    atomic_write(result, json.dumps(dict(about=about, sounds=len(names), references=len(others), looked_at=rows),
                                    indent=1))
    print(f'{len(names)} sounds held against {len(others)}: {len(rows)} looked at, the most alike', rows[:3])

def main(out, references=None):
    for d in ('sounds', 'made'): (out/d).mkdir(parents=True, exist_ok=True)
    root, env = tools(out)
    for package in VOICES: recordings(out, package, 'recorded speech')
    for package in EFFECTS: recordings(out, package, 'effects, ambiences, music')
    for make in (say_espeak, say_flite, say_festival, instruments, words): make(out, root, env)
    manifest(out)
    pieces(out)
    if references: shared_with(out, references)

if __name__ == '__main__':
    if len(sys.argv) == 4 and sys.argv[2] == '--every': sys.exit(thin(Path(sys.argv[1]), int(sys.argv[3])))
    if len(sys.argv) not in (2, 3) or sys.argv[1].startswith('-'): sys.exit(__doc__)
    main(Path(sys.argv[1]).resolve(), *sys.argv[2:])

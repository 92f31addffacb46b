"Packaging: hands the metadata in settings.ini to setuptools"
from configparser import ConfigParser
from pathlib import Path
import re

from setuptools import find_packages, setup

here = Path(__file__).parent
parser = ConfigParser(delimiters=['='], comment_prefixes=[';'], interpolation=None)
parser.read(here/'settings.ini', encoding='utf-8')
cfg = parser['DEFAULT']
lines = lambda key: [line.strip() for line in cfg[key].splitlines() if line.strip()]

data = {f"{cfg['lib_name']}.{inside}": f'data/{name}' for inside, name in dict(recipes='recipes', records='records', needed='needs', trials='trials').items()} # travel inside the package
in_package = re.search(r'__version__ = "(.+)"', (here/cfg['lib_name']/'__init__.py').read_text())[1]
if in_package != cfg['version']:
    raise SystemExit(f"settings.ini says version {cfg['version']}, {cfg['lib_name']}/__init__.py says {in_package}: make them agree")

extras = [k.removesuffix('_requirements') for k in cfg if k.endswith('_requirements')]

setup(
    name=cfg['lib_name'],
    version=cfg['version'],
    description=cfg['description'],
    long_description=(here/'README.md').read_text(encoding='utf-8'),
    long_description_content_type='text/markdown',
    keywords=cfg['keywords'].split(),
    author=cfg['author'],
    license=cfg['license'],
    python_requires='>=' + cfg['min_python'],
    packages=[*find_packages(include=[cfg['lib_name'], f"{cfg['lib_name']}.*"]), *data],
    package_dir=data,
    package_data={
        **{name: ['*.toml', '*/*.toml', '*.safetensors'] for name in data},
        f"{cfg['lib_name']}.weights": ['*/*.safetensors', '*/*.json', '*/*.md'],
        cfg['lib_name']: ['web/*'],
    },
    entry_points={'console_scripts': ['bat-nb = bat_nb.cli:main']},
    install_requires=lines('requirements'),
    extras_require={name: lines(f'{name}_requirements') for name in extras},
)

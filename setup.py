"Packaging: hands the metadata in settings.ini to setuptools"
from configparser import ConfigParser
from pathlib import Path
import re

from setuptools import setup

here = Path(__file__).parent
parser = ConfigParser(delimiters=['='], comment_prefixes=[';'], interpolation=None)
parser.read(here/'settings.ini', encoding='utf-8')
cfg = parser['DEFAULT']
lines = lambda key: [line.strip() for line in cfg[key].splitlines() if line.strip()]

recipes = cfg['lib_name'] + '.recipes'
in_package = re.search(r'__version__ = "(.+)"', (here/cfg['lib_name']/'__init__.py').read_text())[1]
if in_package != cfg['version']:
    raise SystemExit(f"settings.ini says version {cfg['version']}, {cfg['lib_name']}/__init__.py says {in_package}: make them agree")

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
    packages=[cfg['lib_name'], recipes],                      # the recipes in data/ travel inside the package
    package_dir={recipes: 'data/recipes'},
    package_data={recipes: ['*.toml', '*/*.toml']},
    install_requires=lines('requirements'),
    extras_require={'repro': lines('repro_requirements'), 'onnx': lines('onnx_requirements'), 'dev': lines('dev_requirements')},
)

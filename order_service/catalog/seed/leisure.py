"""Vocabulary of the seed's four departments for sport, clothes, play and care; read by seed/catalogue.py."""

from typing import Final

from order_service.catalog.seed.kinds import Department, Kind

COLOURS: Final = ("Black", "Navy", "Red", "Olive")
SIZES: Final = ("S", "M", "L", "XL")
SHOE_SIZES: Final = ("EU 38", "EU 40", "EU 42", "EU 44")

SPORT: Final = Department(
    "SPO",
    "Sports & Outdoors",
    (
        Kind(
            "Running shoes", "Running Shoes", ("Stride", "Corsa", "Fleetfoot"), ("Tempo", "Trail", "Cloud", "Marathon"),
            ("Men's", "Women's", "Cushioned", "Lightweight"),
            {"size": SHOE_SIZES, "drop_mm": (4, 8, 10), "colour": COLOURS}, (4999, 19999),
            "Springy shoes for road and park runs, from the first mile to the marathon.", "size",
        ),
        Kind(
            "Yoga", "Yoga Mat", ("Lotus Lane", "Corsa", "Balance"), ("Flow", "Grip", "Travel", "Studio"),
            ("Non-Slip", "Cork", "Extra Thick", "Foldable"),
            {"thickness_mm": (3, 5, 8), "colour": COLOURS}, (1499, 8999),
            "A firm hold for hands and knees.", "colour",
        ),
        Kind(
            "Backpacks", "Backpack", ("Trekker", "Summit Co", "Ridgeway"), ("Day", "Ridge", "City", "Alpine"),
            ("Hiking", "Laptop", "Waterproof", "Roll-Top"),
            {"litres": (18, 25, 35, 50), "colour": COLOURS}, (2999, 17999),
            "Carries well and keeps the rain out.", "colour",
        ),
        Kind(
            "Tents", "Tent", ("Summit Co", "Ridgeway", "Campo"), ("Dome", "Ultralight", "Family", "Tunnel"),
            ("2-Person", "3-Person", "4-Person", "Pop-Up"),
            {"weight_kg": (1.4, 2.6, 4.9), "seasons": (3, 4)}, (5999, 49900),
            "Stands in minutes and shrugs off wind and rain.",
        ),
        Kind(
            "Bottles", "Water Bottle", ("Trekker", "Corsa", "Campo"), ("Sip", "Trail", "Steel", "Flip"),
            ("Insulated", "Leakproof", "Filter", "Wide-Mouth"),
            {"millilitres": (500, 750, 1000), "colour": COLOURS}, (999, 4999),
            "Keeps cold drinks cold for a day and hot ones hot until evening.", "colour",
        ),
    ),
)  # fmt: skip
CLOTHING: Final = Department(
    "CLO",
    "Clothing",
    (
        Kind(
            "T-shirts", "T-Shirt", ("Cottonwood", "Basics & Co", "Norr"), ("Everyday", "Crew", "Relaxed", "Pocket"),
            ("Organic Cotton", "Slim Fit", "Long-Sleeve", "Striped"),
            {"size": SIZES, "colour": COLOURS}, (999, 3999), "A soft shirt that keeps its shape.", "size",
        ),
        Kind(
            "Jackets", "Jacket", ("Norr", "Ridgeway", "Summit Co"), ("Storm", "Breeze", "Down", "Shell"),
            ("Rain", "Winter", "Softshell", "Quilted"),
            {"size": SIZES, "colour": COLOURS, "hood": (True, False)}, (4999, 34999),
            "Keeps wind and wet outside.", "size",
        ),
        Kind(
            "Socks", "Socks", ("Basics & Co", "Woolly", "Fleetfoot"), ("Ankle", "Crew", "Cosy", "Run"),
            ("Merino", "Cotton", "Compression", "Hiking"),
            {"pairs": (1, 3, 5), "colour": COLOURS}, (499, 2999), "Warm where it counts, airy where it helps.", "pairs",
        ),
        Kind(
            "Jeans", "Jeans", ("Denim Works", "Basics & Co", "Norr"), ("Straight", "Slim", "Tapered", "Loose"),
            ("Stretch", "Raw", "Washed", "High-Waist"),
            {"waist_inches": (28, 30, 32, 34), "colour": ("Indigo", "Black")}, (3999, 12999),
            "Sturdy denim that grows softer with the years.", "waist_inches",
        ),
        Kind(
            "Hats", "Beanie", ("Woolly", "Norr", "Ridgeway"), ("Harbour", "Peak", "Knit", "Fold"),
            ("Merino", "Fleece", "Ribbed", "Reversible"), {"colour": COLOURS}, (1299, 4999),
            "A warm knit for cold mornings.", "colour",
        ),
    ),
)  # fmt: skip
TOYS: Final = Department(
    "TOY",
    "Toys & Games",
    (
        Kind(
            "Board games", "Board Game", ("Meeple House", "Dice & Co", "Tabletop"),
            ("Harvest", "Voyage", "Castle", "Orbit"),
            ("Strategy", "Family", "Cooperative", "Party"),
            {"players": ("2-4", "3-6", "1-5"), "minutes": (20, 45, 90)}, (1499, 7999),
            "An evening of clever turns and laughter.",
        ),
        Kind(
            "Puzzles", "Jigsaw Puzzle", ("Puzzlewright", "Dice & Co", "Papier"), ("Harbour", "Forest", "Atlas", "City"),
            ("Landscape", "Map", "Animals", "Panorama"),
            {"pieces": (100, 500, 1000, 2000)}, (999, 4999), "Thick pieces that click into place.", "pieces",
        ),
        Kind(
            "Building sets", "Building Set", ("Brickworks", "Tinker", "Robotto"), ("Town", "Space", "Racer", "Farm"),
            ("Classic", "Motorised", "Wooden", "Magnetic"),
            {"pieces": (60, 120, 350, 800), "age_from": (3, 6, 9)}, (1499, 14999),
            "Bricks and parts for whatever comes to mind.",
        ),
        Kind(
            "Plush toys", "Plush Toy", ("Cuddle & Co", "Bluebird", "Woolly"), ("Bear", "Fox", "Rabbit", "Whale"),
            ("Soft", "Giant", "Organic", "Talking"),
            {"height_cm": (20, 35, 60)}, (999, 4999), "A friend to take everywhere.", "height_cm",
        ),
        Kind(
            "Video games", "Game Controller", ("Keyforge", "Quanta", "Pixelforge"), ("Pad", "Elite", "Retro", "Arcade"),
            ("Wireless", "Wired", "Hall-Effect", "Mobile"),
            {"platform": ("PC", "console", "mobile"), "colour": COLOURS}, (2499, 14999),
            "Quick to answer and good to hold.", "colour",
        ),
    ),
)  # fmt: skip
CARE: Final = Department(
    "CAR",
    "Health & Beauty",
    (
        Kind(
            "Skin care", "Face Cream", ("Derma Leaf", "Spa House", "Alba"), ("Calm", "Dew", "Renew", "Day"),
            ("Hydrating", "SPF 30", "Night", "Sensitive"),
            {"millilitres": (30, 50, 75), "vegan": (True, False)}, (799, 5999), "Light care that lasts all day.",
            "millilitres",
        ),
        Kind(
            "Hair care", "Shampoo", ("Alba", "Derma Leaf", "Botanica"), ("Pure", "Volume", "Shine", "Daily"),
            ("Sulphate-Free", "Anti-Dandruff", "Repair", "Solid"),
            {"millilitres": (250, 400, 750), "vegan": (True, False)}, (399, 2999), "Cleans gently and smells of herbs.",
            "millilitres",
        ),
        Kind(
            "Shaving", "Electric Shaver", ("Barbero", "Quanta", "Norrvik"), ("Sharp", "Contour", "Trim", "Go"),
            ("Wet & Dry", "Foil", "Rotary", "Travel"),
            {"minutes": (45, 60, 90), "colour": COLOURS}, (2999, 24999), "A close shave, kind to the skin.",
        ),
        Kind(
            "Dental care", "Electric Toothbrush", ("Brite", "Derma Leaf", "Quanta"),
            ("Sonic", "Smile", "Duo", "Junior"),
            ("Rechargeable", "Pressure Sensor", "Travel", "Whitening"),
            {"heads": (1, 2, 4), "colour": COLOURS}, (1999, 17999), "Two minutes to clean teeth.", "colour",
        ),
        Kind(
            "Vitamins", "Vitamin Capsules", ("Botanica", "Vital", "Derma Leaf"), ("Daily", "Active", "Plus", "Kids"),
            ("Vitamin C", "Vitamin D3", "Omega-3", "Magnesium"),
            {"capsules": (60, 90, 180), "vegan": (True, False)}, (599, 3999), "One a day with a glass of water.",
            "capsules",
        ),
    ),
)  # fmt: skip

DEPARTMENTS: Final = (SPORT, CLOTHING, TOYS, CARE)
